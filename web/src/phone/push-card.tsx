/** Notices of this browser, in the settings. */

import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { attempt } from "../ui/toast";
import { askForPush, endPush, lookAtPush, push } from "./push";

export function PushCard() {
  const [busy, setBusy] = useState(false);
  useEffect(() => void lookAtPush(), []);
  const state = push.value;
  const run = async (job: () => Promise<void>) => {
    setBusy(true);
    await attempt(job());
    setBusy(false);
  };
  return (
    <section class="card" data-testid="push" data-state={state}>
      <h2>{t("phone.push.title")}</h2>
      <p>{t(`phone.push.${state}`)}</p>
      {(state === "off" || state === "failed") && (
        <button type="button" class="plain-button" data-testid="push-ask" disabled={busy} onClick={() => void run(askForPush)}>
          {t("phone.push.ask")}
        </button>
      )}
      {state === "on" && (
        <button type="button" class="plain-button" data-testid="push-end" disabled={busy} onClick={() => void run(endPush)}>
          {t("phone.push.end")}
        </button>
      )}
    </section>
  );
}
