/** Reporting water or danger: how deep, where, a photo, words. */

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { t, word } from "../i18n";
import { session } from "../state";
import { done } from "../ui/toast";
import { dropDrafts, useDraft } from "./drafts";
import { go } from "./nav";
import { PhotoField } from "./photo";
import { outbox, say } from "./state";
import { WhereField, whereBody, type Where } from "./where";

/** Depths as the service knows them (cm above the ground), and where each stands on the picture. */
const DEPTHS = [
  { name: "ankle", low: 5, high: 25, level: 86 },
  { name: "knee", low: 25, high: 60, level: 70 },
  { name: "waist", low: 60, high: 110, level: 48 },
  { name: "chest", low: 110, high: 160, level: 32 },
  { name: "over", low: 160, high: 300, level: 8 },
] as const;

/** Whose report asks for help unless they say otherwise; the others come to look. */
const ASKING = ["resident", "firm"];

/** A person standing in water that reaches `level` (in % from the top). */
function Pictogram({ level }: { level: number }) {
  return (
    <svg viewBox="0 0 64 100" aria-hidden="true" class="pictogram">
      <g class="person">
        <circle cx="32" cy="17" r="8" />
        <path d="M22 30h20l4 26h-6l-2-13v49h-5V62h-2v30h-5V43l-2 13h-6z" />
      </g>
      <path class="water" d={`M0 ${level}q8-5 16 0t16 0 16 0 16 0V100H0z`} />
    </svg>
  );
}

/** A report begun elsewhere: a photo just taken, or one that the service would not take as it was. */
export const draft = signal<{ body: Record<string, unknown>; photo: Blob | null; keys: string[] } | null>(null);

export function Report() {
  const [begun] = useState(() => draft.peek());
  const told = begun?.body["text"];
  const [depth, setDepth] = useDraft<string | null>("report depth", null, begun?.body["depth_class"] as string | undefined);
  const [where, setWhere] = useState<Where | null>(null);
  const [locating, setLocating] = useState(false);
  const [text, setText] = useDraft("report text", "", typeof told === "string" ? told : undefined);
  const [photo, setPhoto] = useDraft<Blob | null>("report photo", null, begun?.photo ?? undefined);
  const [busy, setBusy] = useState(false);
  const [help, setHelp] = useState(ASKING.includes(session.value.value?.account?.role ?? "resident"));
  useEffect(() => () => void (draft.value = null), []);
  const send = async (event: Event) => {
    event.preventDefault();
    if (!where) return done(t("phone.report.need_where"));
    setBusy(true);
    const seen = { depth_class: depth, ...whereBody(where) };
    const title = `${t("phone.tab.report")} · ${word("depth", depth ?? "")}`;
    const taken = help
      ? await say("/cases", { kind: "resident_report", text, ...seen }, photo, title)
      : await say("/depth-reports", seen, photo, title);
    if (taken && begun?.keys.length) await outbox.drop(begun.keys);
    setBusy(false);
    if (taken) await dropDrafts("report ");
    if (taken) go("mine");
  };
  return (
    <form class="report" onSubmit={(event) => void send(event)}>
      <p class="warning-note emergency">
        {t("phone.report.emergency")}
        <a href="tel:119">119</a>
        <a href="tel:120">120</a>
      </p>
      <PhotoField photo={photo} onPhoto={setPhoto} />
      <fieldset>
        <legend>{t("phone.report.what")}</legend>
        <div class="depths" role="radiogroup">
          {DEPTHS.map(({ name, low, high, level }) => (
            <button
              key={name}
              type="button"
              role="radio"
              aria-checked={depth === name}
              class={depth === name ? "depth on" : "depth"}
              data-testid={`depth-${name}`}
              onClick={() => setDepth(name)}
            >
              <Pictogram level={level} />
              {word("depth", name)}
              <small>{t("phone.report.range", { low, high })}</small>
            </button>
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend>{t("phone.report.where")}</legend>
        <WhereField where={where} onWhere={setWhere} onLocating={setLocating} />
      </fieldset>
      <fieldset>
        <legend>{t("phone.report.text")}</legend>
        <label class="help">
          <input
            type="checkbox"
            checked={help}
            data-testid="report-help"
            onChange={(event) => setHelp(event.currentTarget.checked)}
          />
          {t("phone.report.help")}
        </label>
        {help && (
          <textarea
            rows={3}
            value={text}
            aria-label={t("phone.report.text")}
            placeholder={t("phone.report.text_hint")}
            data-testid="report-text"
            onInput={(event) => setText(event.currentTarget.value)}
          />
        )}
      </fieldset>
      <button type="submit" class="big primary" disabled={busy || locating || !depth || !where} data-testid="report-submit">
        {t(locating ? "phone.report.locating" : "phone.report.send")}
      </button>
    </form>
  );
}
