/** What somebody sees who is not signed in, or not wholly: how to come in. */

import { useState } from "preact/hooks";
import type { Session } from "../api/contract";
import { endSession, post, RefusalError } from "../api/http";
import { LanguageToggle } from "../desk/account";
import { named, t } from "../i18n";
import { EnterCode, problemOf, SetUpFactor } from "./factor";

/** The frame of every page on the way in. */
function Gate({ city, children }: { city: Session["city"]; children: preact.ComponentChildren }) {
  return (
    <main class="signed-out" data-testid="signed-out">
      <div class="signin-language">
        <LanguageToggle />
      </div>
      <img src="/favicon.svg" alt="" />
      <h1>安澜 · {named(city)}</h1>
      {children}
    </main>
  );
}

export function SignedOut({ known }: { known: Session }) {
  if (known.account && known.lacks) {
    return (
      <Gate city={known.city}>
        <p>
          {named(known.account)} · {known.account.id}
        </p>
        {known.lacks === "code" ? (
          <EnterCode onDone={() => location.reload()} />
        ) : (
          <>
            <p class="signin-why">{t("factor.why")}</p>
            <SetUpFactor onDone={() => location.reload()} />
          </>
        )}
        <button type="button" class="link" onClick={() => void endSession().then((leave) => leave(), () => location.reload())}>
          {t("signin.again")}
        </button>
      </Gate>
    );
  }
  return (
    <Gate city={known.city}>
      <PasswordForm />
      {known.sign_in.sso && (
        <a class="signin-sso" data-testid="sso" href={`/signin/sso?page=${encodeURIComponent(location.pathname)}`}>
          {t("signin.sso", { name: named(known.sign_in.sso) })}
        </a>
      )}
      <p class="soft">{t("signin.detail")}</p>
    </Gate>
  );
}

function PasswordForm() {
  const [account, setAccount] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [asksCode, setAsksCode] = useState(false);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);

  const enter = async () => {
    setBusy(true);
    try {
      const { page } = await post<{ page: string }>("/signin", { account, password, code });
      // who opened the phone page on purpose stays there
      location.assign(location.pathname === "/phone.html" ? location.href.split("#")[0]! : page);
    } catch (error) {
      const known = error instanceof RefusalError;
      if (known && error.field === "code" && !asksCode) {
        setAsksCode(true);
        setProblem("");
      } else {
        setProblem(problemOf(error));
      }
      setCode("");
      setBusy(false);
    }
  };

  return (
    <form
      class="signin"
      data-testid="signin"
      onSubmit={(event) => {
        event.preventDefault();
        void enter();
      }}
    >
      <label>
        <span>{t("signin.account")}</span>
        <input name="username" autocomplete="username" autocapitalize="none" required value={account} onInput={(e) => setAccount(e.currentTarget.value)} />
      </label>
      <label>
        <span>{t("signin.password")}</span>
        <input name="password" type="password" autocomplete="current-password" required value={password} onInput={(e) => setPassword(e.currentTarget.value)} />
      </label>
      {asksCode && (
        <label>
          <span>{t("signin.code")}</span>
          <input name="code" autocomplete="one-time-code" autofocus required value={code} onInput={(e) => setCode(e.currentTarget.value)} />
          <small>{t("signin.code.hint")}</small>
        </label>
      )}
      {problem && (
        <p class="signin-problem" role="alert" data-testid="signin-problem">
          {problem}
        </p>
      )}
      <button type="submit" class="primary" disabled={busy}>
        {t("signin.go")}
      </button>
    </form>
  );
}
