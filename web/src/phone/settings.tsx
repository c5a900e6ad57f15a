/** Type size, language, what this phone can do without a signal, and signing out. */

import { useState } from "preact/hooks";
import { choose, language, named, t, word } from "../i18n";
import { session } from "../state";
import { letters } from "./state";
import { signOut } from "./person";
import { PushCard } from "./push-card";
import { SIZES, size } from "./type-size";
import { opensOffline } from "./worker";

export function Settings() {
  const account = session.value.value?.account;
  const [asked, setAsked] = useState(false);
  const unsent = letters.value.length;
  return (
    <>
      <section class="card">
        <h2>{t("phone.type")}</h2>
        <div class="choices" role="radiogroup" aria-label={t("phone.type")}>
          {SIZES.map((name) => (
            <button
              key={name}
              type="button"
              role="radio"
              aria-checked={size.value === name}
              class={size.value === name ? "on" : ""}
              data-testid={`type-${name}`}
              onClick={() => (size.value = name)}
            >
              {word("phone.type", name)}
            </button>
          ))}
        </div>
      </section>
      <section class="card">
        <h2>{t("phone.language")}</h2>
        <div class="choices" role="radiogroup" aria-label={t("phone.language")}>
          {(["zh", "en"] as const).map((name) => (
            <button key={name} type="button" role="radio" aria-checked={language.value === name} class={language.value === name ? "on" : ""} onClick={() => choose(name)}>
              {name === "zh" ? "中文" : "English"}
            </button>
          ))}
        </div>
      </section>
      <section class="card">
        <h2>{t("phone.offline.title")}</h2>
        <p data-testid="opens-offline">
          {t(opensOffline.value === null ? "phone.offline.preparing" : opensOffline.value ? "phone.offline.ready" : "phone.offline.never")}
        </p>
      </section>
      {account && <PushCard />}
      {account && (
        <section class="card">
          <h2>{named(account)}</h2>
          <p class="soft">
            {word("role", account.role)} · {account.territory_name}
          </p>
          <p>{t("phone.signout.what")}</p>
          {asked && unsent > 0 && (
            <p class="warning-note" role="alert">
              {t("phone.signout.unsent", { n: unsent })}
            </p>
          )}
          <button
            type="button"
            class="plain-button"
            data-testid="signout"
            onClick={() => (asked || !unsent ? void signOut(letters.value.map((letter) => letter.key)) : setAsked(true))}
          >
            {t(asked && unsent ? "phone.signout.sure" : "account.signout")}
          </button>
        </section>
      )}
    </>
  );
}
