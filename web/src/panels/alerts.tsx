/** Alerts 预警: waiting for approval, in force, ended; official ones with their issuer. */

import { useState } from "preact/hooks";
import type { Alert } from "../api/contract";
import { t } from "../i18n";
import { live, may } from "../state";
import { Nothing, Section } from "../ui/pieces";
import { AlertCard } from "./alert-card";
import { NoticeCard, worthShowing } from "./notice-card";
import { UpkeepDialog } from "./upkeep";
import { WriteAlert } from "./write-alert";

export function Alerts() {
  const [writing, setWriting] = useState(false);
  const [upkeep, setUpkeep] = useState(false);
  const known = live.alerts.value.value;
  const failed = live.alerts.failed.value;
  const all = known ?? [];
  const waiting = all.filter((alert) => alert.state === "draft");
  const inForce = (official: boolean) => (alert: Alert) =>
    alert.state === "issued" && alert.msg_type !== "Cancel" && alert.official === official;
  const own = all.filter(inForce(false));
  const official = all.filter(inForce(true));
  const notices = (live.official.value.value ?? []).filter(worthShowing);
  const ended = all.filter((alert) => !waiting.includes(alert) && !own.includes(alert) && !official.includes(alert));
  return (
    <>
      <Section
        title={t("alerts.waiting")}
        count={waiting.length}
        aside={
          <>
            <button type="button" class="quiet" data-testid="upkeep-open" onClick={() => setUpkeep(true)}>
              {t("upkeep.open")}
            </button>
            {may("decide") && (
              <button type="button" class="quiet" data-testid="alert-write" onClick={() => setWriting(true)}>
                {t("alerts.write")}
              </button>
            )}
          </>
        }
      >
        {waiting.length ? (
          waiting.map((alert) => <AlertCard key={alert.id} alert={alert} />)
        ) : (
          <Nothing loaded={known !== null} failed={failed} text={t("alerts.none_waiting")} />
        )}
      </Section>
      <Section title={t("alerts.in_force")} count={own.length}>
        {own.length ? (
          own.map((alert) => <AlertCard key={alert.id} alert={alert} />)
        ) : (
          <Nothing loaded={known !== null} text={t("alerts.none_in_force")} />
        )}
      </Section>
      <Section title={t("alerts.official")} count={official.length + notices.length}>
        {official.map((alert) => (
          <AlertCard key={alert.id} alert={alert} />
        ))}
        {notices.map((notice) => (
          <NoticeCard key={notice.id} notice={notice} />
        ))}
        {official.length + notices.length === 0 && (
          <Nothing loaded={known !== null} text={t("alerts.none_official")} />
        )}
      </Section>
      {ended.length > 0 && (
        <details class="section ended">
          <summary>{t("alerts.ended", { n: ended.length })}</summary>
          {ended.slice(0, 40).map((alert) => (
            <AlertCard key={alert.id} alert={alert} />
          ))}
        </details>
      )}
      {upkeep && <UpkeepDialog onClose={() => setUpkeep(false)} />}
      {writing && <WriteAlert onClose={() => setWriting(false)} />}
    </>
  );
}
