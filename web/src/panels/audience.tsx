/** Whom an alert would reach if it were approved now. */

import { useEffect, useState } from "preact/hooks";
import type { Alert, Audience } from "../api/contract";
import { get } from "../api/http";
import { hazardOf, t, word } from "../i18n";
import { Dialog } from "../ui/dialog";
import { Personal } from "../ui/personal";
import { attempt } from "../ui/toast";

export function AudienceDialog({ alert, onClose }: { alert: Alert; onClose: () => void }) {
  const [audience, setAudience] = useState<Audience | null>(null);
  useEffect(() => {
    void attempt(get<Audience>(`/alerts/${alert.id}/audience`)).then((answer) =>
      answer ? setAudience(answer) : onClose(),
    );
  }, [alert.id]);
  return (
    <Dialog title={t("audience.title", { event: hazardOf(alert) })} wide onClose={onClose} testid="audience-dialog">
      {!audience ? (
        <p class="nothing loading">{t("loading")}</p>
      ) : (
        <div class="audience">
          <div class="audience-counts">
            <p class="figure">
              <b>{audience.total}</b>
              <span>{t("audience.people")}</span>
            </p>
            <p class="figure">
              <b>{audience.unreachable.length}</b>
              <span>{t("audience.unreachable")}</span>
            </p>
            <Bars title={t("audience.by_tier")} counts={audience.by_tier} group="tier" />
            <Bars title={t("audience.by_channel")} counts={audience.by_channel} group="channel" />
            <Bars title={t("audience.reachable")} counts={audience.reachable} group="channel" />
            <p data-testid="audience-cost">
              {t("audience.messages", { n: sum(audience.messages) })} · {t("audience.cost", { yuan: audience.cost ?? 0 })}
            </p>
          </div>
          <div>
            <h3>{t("audience.samples")}</h3>
            {audience.samples.map((sample) => (
              <blockquote key={sample.tier + sample.language + sample.channel} class="sample">
                <header>
                  {word("tier", sample.tier)} · {word("channel", sample.channel)} ·{" "}
                  {t("audience.length", { n: sample.characters, segments: sample.segments })}
                </header>
                {sample.text}
              </blockquote>
            ))}
            {audience.unreachable.length > 0 && (
              <details>
                <summary>{t("audience.unreachable_list")}</summary>
                <ul class="plain">
                  {audience.unreachable.slice(0, 60).map((one) => (
                    <li key={one.person}>
                      <Personal person={one.person} masked={one.person_masked ?? one.person} subject={alert.id} /> · {one.territory_name} · {word("unreachable", one.reason)}
                    </li>
                  ))}
                </ul>
              </details>
            )}
          </div>
        </div>
      )}
    </Dialog>
  );
}

/** Before an approval, in a few lines: how many by each channel, what it costs, who stays untold. */
export function Counts({ audience }: { audience: Audience }) {
  const reasons = new Map<string, number>();
  for (const one of audience.unreachable) reasons.set(one.reason, (reasons.get(one.reason) ?? 0) + 1);
  return (
    <ul class="plain" data-testid="audience-counts">
      <li>{Object.entries(audience.by_channel).map(([name, n]) => `${word("channel", name)} ${n}`).join(" · ")}</li>
      <li>
        {t("audience.messages", { n: sum(audience.messages) })} · {t("audience.cost", { yuan: audience.cost ?? 0 })}
      </li>
      {reasons.size > 0 && (
        <li class="trouble">
          {t("audience.unreachable")}：{[...reasons].map(([reason, n]) => `${word("unreachable", reason)} ${n}`).join(" · ")}
        </li>
      )}
    </ul>
  );
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}

function Bars(props: { title: string; counts: Record<string, number>; group: string }) {
  const most = Math.max(1, ...Object.values(props.counts));
  return (
    <div class="bars">
      <h3>{props.title}</h3>
      {Object.entries(props.counts)
        .sort((a, b) => b[1] - a[1])
        .map(([name, count]) => (
          <p key={name}>
            <span>{word(props.group, name)}</span>
            <span class="bar" style={{ width: `${(60 * count) / most}%` }} aria-hidden="true" />
            <b>{count}</b>
          </p>
        ))}
    </div>
  );
}
