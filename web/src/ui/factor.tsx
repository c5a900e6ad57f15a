/** The second factor: setting it up with a QR code, and giving its code. */

import { useState } from "preact/hooks";
import { post, RefusalError } from "../api/http";
import { refusalWords, t, type Key } from "../i18n";

const WORDS: Record<string, Key> = { password: "signin.wrong", code: "signin.code.wrong" };

/** What the service refused, in the language of the page. */
export function problemOf(error: unknown): string {
  if (!(error instanceof RefusalError)) return t("notice.offline");
  const known = error.status === 403 ? WORDS[error.field] : undefined;
  if (known) return t(known);
  if (error.status === 429) return t("signin.wait", { n: /\d+/.exec(error.message)?.[0] ?? "15" });
  return refusalWords(error);
}

/** Waits for `job`; what the service refuses becomes a sentence beside the field. */
async function tried<T>(job: Promise<T>, say: (problem: string) => void): Promise<T | null> {
  try {
    const answer = await job;
    say("");
    return answer;
  } catch (error) {
    say(problemOf(error));
    return null;
  }
}

function CodeForm(props: { label: string; problem: string; onCode: (code: string) => void; hint?: string }) {
  const [code, setCode] = useState("");
  return (
    <form
      class="signin"
      onSubmit={(event) => {
        event.preventDefault();
        props.onCode(code);
        setCode("");
      }}
    >
      <label>
        <span>{t("signin.code")}</span>
        <input name="code" autocomplete="one-time-code" autofocus required value={code} onInput={(e) => setCode(e.currentTarget.value)} />
        {props.hint && <small>{props.hint}</small>}
      </label>
      {props.problem && (
        <p class="signin-problem" role="alert">
          {props.problem}
        </p>
      )}
      <button type="submit" class="primary">
        {props.label}
      </button>
    </form>
  );
}

export function EnterCode({ onDone }: { onDone: () => void }) {
  const [problem, say] = useState("");
  const show = async (code: string) => {
    if (await tried(post("/me/second-factor/code", { code }), say)) onDone();
  };
  return (
    <div class="factor" data-testid="enter-code">
      <p>{t("factor.give")}</p>
      <CodeForm label={t("factor.confirm")} hint={t("signin.code.hint")} problem={problem} onCode={(code) => void show(code)} />
    </div>
  );
}

interface Drawn {
  secret: string;
  svg: string;
}

export function SetUpFactor({ onDone }: { onDone: () => void }) {
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [problem, say] = useState("");

  const begin = async () => setDrawn(await tried(post<Drawn>("/me/second-factor"), say));
  const confirm = async (code: string) => {
    const answer = await tried(post<{ recovery_codes: string[] }>("/me/second-factor/confirm", { code }), say);
    if (answer) setCodes(answer.recovery_codes);
  };

  if (codes) {
    return (
      <div class="factor" data-testid="recovery-codes">
        <p>{t("factor.codes")}</p>
        <ol class="recovery mono">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ol>
        <button type="button" class="primary" data-testid="codes-kept" onClick={onDone}>
          {t("factor.codes.kept")}
        </button>
      </div>
    );
  }
  if (!drawn) {
    return (
      <div class="factor">
        <button type="button" class="primary" data-testid="factor-begin" onClick={() => void begin()}>
          {t("factor.begin")}
        </button>
        {problem && (
          <p class="signin-problem" role="alert">
            {problem}
          </p>
        )}
      </div>
    );
  }
  return (
    <div class="factor" data-testid="factor-scan">
      <p>{t("factor.scan")}</p>
      {/* drawn by the service from our own account's name: an image runs no script */}
      <img class="qr" alt="QR" src={`data:image/svg+xml;utf8,${encodeURIComponent(drawn.svg)}`} />
      <p class="soft">
        {t("factor.secret")}: <code class="mono">{drawn.secret.match(/.{1,4}/g)?.join(" ")}</code>
      </p>
      <CodeForm label={t("factor.confirm")} problem={problem} onCode={(code) => void confirm(code)} />
    </div>
  );
}
