/** What somebody without a session sees: how to come in. */

import type { Session } from "../api/contract";
import { named, t } from "../i18n";

export function SignedOut({ city }: { city: Session["city"] }) {
  return (
    <main class="signed-out" data-testid="signed-out">
      <img src="/favicon.svg" alt="" />
      <h1>安澜 · {named(city)}</h1>
      <p>{t("signin.hint")}</p>
      <p class="soft">{t("signin.detail")}</p>
    </main>
  );
}
