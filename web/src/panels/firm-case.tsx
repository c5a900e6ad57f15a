/** Opening a visit, a question answered on the spot, or a remote check, by the form of its pack. */

import { useEffect, useState } from "preact/hooks";
import { get, post } from "../api/http";
import { language, t } from "../i18n";
import { live } from "../state";
import { Dialog } from "../ui/dialog";
import { attempt } from "../ui/toast";
import { refreshFirms } from "./firms-state";

export interface Opening {
  firm: string;
  kind: "firm_visit" | "firm_question" | "remote_check";
}

interface Field {
  key: string;
  type: string;
  label: string;
  label_en: string;
  required: boolean;
  options: { value: string; label: string; label_en: string }[];
}

interface Pack {
  kind: string;
  fields: { open: Field[] };
}

function words(thing: { label: string; label_en: string }): string {
  return language.value === "zh" ? thing.label : thing.label_en;
}

export function OpenFirmCase({ opening, onEnd }: { opening: Opening; onEnd: () => void }) {
  const [fields, setFields] = useState<Field[] | null>(null);
  const [form, setForm] = useState<Record<string, string | string[]>>({});
  const [text, setText] = useState("");
  const [answer, setAnswer] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    void attempt(get<Pack[]>("/packs")).then((packs) => {
      const open = packs?.find((one) => one.kind === opening.kind)?.fields.open ?? [];
      // whose account it is the desk knows by the firm
      setFields(open.filter((field) => field.type === "choice" || field.type === "choices"));
    });
  }, [opening.kind]);
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const done = await attempt(
      post(`/firms/${opening.firm}/cases`, { kind: opening.kind, text, form, answer }),
      t("done.named", { name: t(`firm.open.${opening.kind}`) }),
    );
    setBusy(false);
    if (!done) return;
    onEnd();
    await Promise.all([live.cases.refresh(), refreshFirms()]);
  };
  const toggle = (key: string, value: string) => {
    const chosen = Array.isArray(form[key]) ? form[key] : [];
    setForm({ ...form, [key]: chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value] });
  };
  return (
    <Dialog title={`${t(`firm.open.${opening.kind}`)} · ${opening.firm}`} onClose={onEnd} testid="firm-case-form">
      <form onSubmit={(event) => void send(event)}>
        {fields?.map((field) =>
          field.type === "choices" ? (
            <fieldset key={field.key} class="field">
              <legend>{words(field)}</legend>
              {field.options.map((one) => (
                <label key={one.value} class="check-line">
                  <input
                    type="checkbox"
                    checked={Array.isArray(form[field.key]) && form[field.key]!.includes(one.value)}
                    data-testid={`choose-${one.value}`}
                    onChange={() => toggle(field.key, one.value)}
                  />{" "}
                  {words(one)}
                </label>
              ))}
            </fieldset>
          ) : (
            <label key={field.key} class="field">
              <span>{words(field)}</span>
              <select
                required={field.required}
                value={String(form[field.key] ?? "")}
                data-testid={`choose-${field.key}`}
                onChange={(event) => setForm({ ...form, [field.key]: event.currentTarget.value })}
              >
                <option value="" />
                {field.options.map((one) => (
                  <option key={one.value} value={one.value}>
                    {words(one)}
                  </option>
                ))}
              </select>
            </label>
          ),
        )}
        <label class="field">
          <span>{t("firm.words")}</span>
          <textarea rows={3} maxLength={2000} required={opening.kind === "firm_question"} value={text} data-testid="firm-case-text" onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        {opening.kind === "firm_question" && (
          <label class="field">
            <span>{t("firm.answer")}</span>
            <textarea rows={3} maxLength={2000} value={answer} data-testid="firm-case-answer" onInput={(event) => setAnswer(event.currentTarget.value)} />
          </label>
        )}
        <footer class="actions">
          <button type="button" onClick={onEnd}>
            {t("cancel")}
          </button>
          <button type="submit" class="primary" disabled={busy || fields === null} data-testid="firm-case-send">
            {t(`firm.open.${opening.kind}`)}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
