/** What setting a level would start, stop and undo: shown before anybody decides. */

import type { Foreseen } from "../api/command";
import { get } from "../api/http";
import { named, t } from "../i18n";
import { attempt } from "../ui/toast";

export function foresee(incident: string, level: string): Promise<Foreseen | null> {
  return attempt(get<Foreseen>(`/incidents/${incident}/foresee?level=${level}`));
}

export function ForeseenList({ found }: { found: Foreseen }) {
  const parts = [
    { name: "starts" as const, rows: found.starts.map((one) => ({ key: one.step, text: `${titled(one)} ×${one.count}`, more: one.targets.join("、") })) },
    { name: "stands_down" as const, rows: found.stands_down.map((one) => ({ key: one.step, text: `${titled(one)} ×${one.count}`, more: one.targets.join("、") })) },
    ...(["withdrawn", "stopped", "runs_on"] as const).map((name) => ({
      name,
      rows: found[name].map((one) => ({ key: one.case, text: one.title, more: one.case })),
    })),
  ].filter((one) => one.rows.length > 0);
  return (
    <div class="foreseen" data-testid="foreseen">
      {!parts.length && <p class="soft">{t("foresee.nothing")}</p>}
      {parts.map((one) => (
        <section key={one.name}>
          <h3>{t(`foresee.${one.name}`)} <small class="soft">{one.rows.length}</small></h3>
          <ul>
            {one.rows.slice(0, 12).map((row) => (
              <li key={row.key} title={row.more}>{row.text}</li>
            ))}
            {one.rows.length > 12 && <li class="soft">{t("more", { n: one.rows.length - 12 })}</li>}
          </ul>
        </section>
      ))}
    </div>
  );
}

const titled = (one: { title: string; title_en: string }) => named({ name: one.title, name_en: one.title_en });
