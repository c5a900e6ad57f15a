/** Composing a call: who would be asked and why, how many are expected; a person sends it. */

import { useEffect, useState } from "preact/hooks";
import type { CallPreview, WorkDetail } from "../api/volunteer";
import { t, word } from "../i18n";
import { Chance, Nothing, percent } from "../ui/pieces";
import { order, preview, roster, whyWords } from "./state";

const CONFIDENCES = [0.5, 0.7, 0.8, 0.9, 0.95, 0.99];

export function Composer({ work, onClose }: { work: WorkDetail; onClose: () => void }) {
  const rules = roster.value.value?.rules;
  const [confidence, setConfidence] = useState(rules?.confidence ?? 0.9);
  const [minutes, setMinutes] = useState(String(rules?.reply_min ?? 20));
  const [found, setFound] = useState<CallPreview | null>(null);
  const [only, setOnly] = useState<string[] | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    let current = true;
    const body = only === null ? { confidence } : { confidence, only };
    void preview(work.id, body).then((came) => current && came && setFound(came));
    return () => void (current = false);
  }, [confidence, only, work.id]);
  if (!found) return <Nothing loaded={false} text="" />;
  const chosen = found.chosen.map((one) => one.volunteer);
  const toggle = (id: string) => setOnly(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  const send = async () => {
    setBusy(true);
    const body = { volunteers: chosen, confidence, reply_min: Number(minutes) };
    const sent = await order(`/volunteer-work/${work.id}/call`, body, t("vo.call.sent", { n: chosen.length }));
    setBusy(false);
    if (sent) onClose();
  };
  return (
    <section class="composer" data-testid="vo-composer">
      <p class="soft">{t("vo.call.detail")}</p>
      <div class="volunteers-tools">
        <label>
          {t("vo.call.confidence")}{" "}
          <select
            value={String(confidence)}
            onChange={(event) => {
              setOnly(null);
              setConfidence(Number(event.currentTarget.value));
            }}
          >
            {CONFIDENCES.map((one) => (
              <option key={one} value={String(one)}>
                {percent(one)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t("vo.call.reply_min")}{" "}
          <input type="number" min="1" max="10080" value={minutes} onInput={(event) => setMinutes(event.currentTarget.value)} />
        </label>
      </div>
      <p data-testid="vo-preview" class={found.short ? "overdue" : ""}>
        <strong>
          {t("vo.expect", {
            ...found.expected,
            mean: found.expected.mean.toFixed(1),
            needed: work.needed,
            chance: percent(found.expected.enough),
          })}
        </strong>
        {found.short && ` · ${t("vo.call.short")}`}
      </p>
      <People people={found.chosen} on onToggle={toggle} />
      <details>
        <summary>{t("vo.call.spare", { n: found.spare.length })}</summary>
        <People people={found.spare} onToggle={toggle} />
      </details>
      <details>
        <summary>{t("vo.call.left_out", { n: found.left_out.length })}</summary>
        <ul class="plain">
          {found.left_out.map((one) => (
            <li key={one.volunteer}>
              {one.volunteer} {one.name} · {word("left_out", one.reason)}
            </li>
          ))}
        </ul>
      </details>
      <footer class="actions">
        <button type="button" onClick={onClose}>
          {t("cancel")}
        </button>
        <button type="button" class="primary" disabled={busy || !chosen.length} data-testid="vo-send" onClick={() => void send()}>
          {t("vo.call.send", { n: chosen.length })}
        </button>
      </footer>
    </section>
  );
}

function People(props: { people: CallPreview["chosen"]; on?: boolean; onToggle: (id: string) => void }) {
  return (
    <table class="table">
      <tbody>
        {props.people.map(({ volunteer, name, reasons }) => (
          <tr key={volunteer} data-testid={props.on ? "vo-chosen" : "vo-spare"}>
            <td>
              <label class="tick">
                <input type="checkbox" checked={!!props.on} onChange={() => props.onToggle(volunteer)} />
                {volunteer} {name}
              </label>
            </td>
            <td>
              {reasons.skill !== "not_needed" && `${word("skill.state", reasons.skill)} `}
              {reasons.skill_until && t("v.until", { day: reasons.skill_until.slice(0, 10) })}
            </td>
            <td>
              <small>{whyWords(reasons)}</small>
            </td>
            <td class="number">
              <Chance value={reasons.p_yes * reasons.p_show} label={t("vo.chance", { chance: percent(reasons.p_yes * reasons.p_show) })} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
