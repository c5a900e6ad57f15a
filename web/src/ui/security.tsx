/** One's own account: password, second factor, devices, and who looked at one's data. */

import { useEffect, useState } from "preact/hooks";
import { get, post } from "../api/http";
import type { Opening, Security } from "../api/security";
import { language, t, word } from "../i18n";
import { zone } from "../state";
import { dayTime } from "../time";
import { SetUpFactor } from "./factor";
import { attempt, done } from "./toast";

export function SecurityPanel() {
  const [known, setKnown] = useState<Security | null>(null);
  const [opened, setOpened] = useState<Opening[] | null>(null);
  const refresh = async () => setKnown(await attempt(get<Security>("/me/security")));
  useEffect(() => {
    void refresh();
    void attempt(get<Opening[]>("/me/openings")).then(setOpened);
  }, []);
  if (!known) return <p class="soft">{t("loading")}</p>;
  return (
    <div class="security" data-testid="security">
      <Password known={known} refresh={refresh} />
      <Factor known={known} refresh={refresh} />
      <Sessions known={known} refresh={refresh} />
      <section>
        <h3>{t("opened")}</h3>
        {opened?.length ? (
          <ul class="openings">
            {opened.map((one) => (
              <li key={one.id}>
                <time>{dayTime(one.at, zone(), language.value)}</time> {one.by_name}：{one.purpose}
              </li>
            ))}
          </ul>
        ) : (
          <p class="soft">{t("opened.none")}</p>
        )}
      </section>
    </div>
  );
}

interface Part {
  known: Security;
  refresh: () => Promise<void>;
}

function Password({ known, refresh }: Part) {
  const [password, setPassword] = useState("");
  const [old, setOld] = useState("");
  const set = async () => {
    if (!(await attempt(post("/me/password", { password, old }), t("security.password.done")))) return;
    setPassword("");
    setOld("");
    await refresh();
  };
  return (
    <section>
      <h3>{t("security.password")}</h3>
      <p class="soft">{t(known.password ? "security.password.on" : "security.password.off")}</p>
      <form
        class="signin"
        onSubmit={(event) => {
          event.preventDefault();
          void set();
        }}
      >
        {known.password && (
          <label>
            <span>{t("security.password.old")}</span>
            <input name="old" type="password" autocomplete="current-password" required value={old} onInput={(e) => setOld(e.currentTarget.value)} />
          </label>
        )}
        <label>
          <span>{t("security.password.new")}</span>
          <input name="new" type="password" autocomplete="new-password" minLength={10} required value={password} onInput={(e) => setPassword(e.currentTarget.value)} />
          <small>{t("security.password.hint")}</small>
        </label>
        <button type="submit">{t("security.password.set")}</button>
      </form>
    </section>
  );
}

function Factor({ known, refresh }: Part) {
  const [code, setCode] = useState("");
  const remove = async () => {
    await attempt(post("/me/second-factor/remove", { code }));
    setCode("");
    await refresh();
  };
  return (
    <section>
      <h3>{t("factor.title")}</h3>
      <p class="soft">{known.second_factor ? t("factor.on", { n: known.recovery_codes }) : t("factor.off")}</p>
      {known.second_factor ? (
        !known.required && (
          <form
            class="signin"
            onSubmit={(event) => {
              event.preventDefault();
              void remove();
            }}
          >
            <label>
              <span>{t("signin.code")}</span>
              <input name="remove-code" required value={code} onInput={(e) => setCode(e.currentTarget.value)} />
            </label>
            <button type="submit">{t("factor.remove")}</button>
          </form>
        )
      ) : (
        <SetUpFactor onDone={() => void refresh()} />
      )}
    </section>
  );
}

function Sessions({ known, refresh }: Part) {
  const end = async (path: string) => {
    const answer = await attempt(post<{ ended: number }>(path));
    if (answer) done(t("security.sessions.ended", { n: answer.ended }));
    await refresh();
  };
  const time = (at: string) => dayTime(at, zone(), language.value);
  return (
    <section>
      <h3>{t("security.sessions")}</h3>
      <ul class="sessions">
        {known.sessions.map((one) => (
          <li key={one.id}>
            <div>
              <strong>{one.device === "?" ? word("security.method", one.method) : one.device}</strong>
              {one.here && <span class="tag">{t("security.session.here")}</span>}
              <p class="soft">
                {word("security.method", one.method)} · {t("security.session.seen", { time: time(one.seen_at) })} ·{" "}
                {t("security.session.ends", { time: time(one.ends_at) })}
              </p>
            </div>
            {!one.here && (
              <button type="button" onClick={() => void end(`/me/sessions/${one.id}/end`)}>
                {t("security.session.end")}
              </button>
            )}
          </li>
        ))}
      </ul>
      {known.sessions.length > 1 && (
        <button type="button" data-testid="end-others" onClick={() => void end("/me/sessions/end-others")}>
          {t("security.sessions.end")}
        </button>
      )}
    </section>
  );
}
