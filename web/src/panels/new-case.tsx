/** Opening a case by hand: its kind, where it lies, what it is about, and its pack's form. */

import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import type { CaseItem } from "../api/contract";
import type { Answers, Pack } from "../api/packs";
import { post } from "../api/http";
import { language, named, t } from "../i18n";
import { live, territory } from "../state";
import { Dialog } from "../ui/dialog";
import { FormFields, labelOf } from "../ui/form";
import { firstMissing, toSend } from "../ui/form-answers";
import { PhotoList } from "../ui/photo-list";
import { attempt, refused } from "../ui/toast";
import { openCase } from "./chosen";
import { packs, titleOf } from "./packs";

interface Where {
  place?: string;
  name?: string;
}

const wanted = signal<Where | null>(null);

/** Asks for a new case, at a hazard place or anywhere. */
export function newCase(where: Where = {}): void {
  void packs.refresh();
  wanted.value = where;
}

export function NewCase() {
  const where = wanted.value;
  if (!where) return null;
  const able = (packs.value.value ?? []).filter((pack) => pack.may_open);
  return <Form where={where} able={able} onClose={() => (wanted.value = null)} />;
}

function Form({ where, able, onClose }: { where: Where; able: readonly Pack[]; onClose: () => void }) {
  const [kind, setKind] = useState("");
  const [unit, setUnit] = useState("");
  const [title, setTitle] = useState("");
  const [text, setText] = useState("");
  const [photos, setPhotos] = useState<string[]>([]);
  const [answers, setAnswers] = useState<Answers>({});
  const [busy, setBusy] = useState(false);
  const pack = able.find((one) => one.kind === kind);
  // a room says itself where it lies
  const placed = where.place !== undefined || pack?.books;
  const send = async (event: Event) => {
    event.preventDefault();
    if (!pack) return;
    // groups of buttons have no check of their own in the browser
    const missing = firstMissing(pack.fields.open, answers);
    if (missing) return refused(t("form.missing", { label: labelOf(missing) }));
    setBusy(true);
    const at = where.place ? { place: where.place } : placed ? {} : { territory: unit };
    const body = { kind, title, text, photos, form: toSend(pack.fields.open, answers), ...at };
    const made = await attempt(post<CaseItem>("/cases", body), t("case.opened_done"));
    setBusy(false);
    if (!made) return;
    onClose();
    await live.cases.refresh();
    openCase(made.id);
  };
  return (
    <Dialog
      title={where.name ? t("case.open_at", { name: where.name }) : t("case.new")}
      onClose={onClose}
      testid="new-case"
    >
      <form onSubmit={(event) => void send(event)}>
        <label class="field">
          <span>{t("case.kind")} *</span>
          <select
            required
            value={kind}
            data-testid="new-case-kind"
            onChange={(event) => {
              setKind(event.currentTarget.value);
              setAnswers({});
            }}
          >
            <option value="" />
            {able.map((one) => (
              <option key={one.kind} value={one.kind}>
                {titleOf(one)}
              </option>
            ))}
          </select>
        </label>
        {pack && (
          <p class="soft">
            {language.value === "en" ? pack.about_en : pack.about} {pack.hours === "working" && t("case.working_hours")}
          </p>
        )}
        {pack && !placed && <UnitField value={unit} onValue={setUnit} />}
        {pack && (
          <FormFields
            fields={pack.fields.open}
            answers={answers}
            onAnswers={setAnswers}
            photos={PhotoList}
            books={pack.books}
          />
        )}
        {pack && (
          <>
            <label class="field">
              <span>{t("case.title")}</span>
              <input value={title} maxLength={120} onInput={(event) => setTitle(event.currentTarget.value)} />
            </label>
            <label class="field">
              <span>{t("case.text")}</span>
              <textarea
                rows={3}
                value={text}
                data-testid="new-case-text"
                onInput={(event) => setText(event.currentTarget.value)}
              />
            </label>
            <PhotoList value={photos} onValue={setPhotos} />
          </>
        )}
        <footer class="actions">
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
          <button type="submit" class="primary" disabled={busy || !pack} data-testid="new-case-send">
            {t("case.new")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

function UnitField({ value, onValue }: { value: string; onValue: (code: string) => void }) {
  const units = (territory.value.value?.features ?? []).map((feature) => feature.properties);
  const villages = units.filter((unit) => unit.level === "village");
  const towns = units.filter((unit) => unit.level === "town");
  return (
    <label class="field">
      <span>{t("case.where")} *</span>
      <select
        required
        value={value}
        data-testid="new-case-where"
        onChange={(event) => onValue(event.currentTarget.value)}
      >
        <option value="" />
        {towns.map((town) => (
          <optgroup key={town.code} label={named(town)}>
            <option value={town.code}>{named(town)}</option>
            {villages
              .filter((village) => village.parent === town.code)
              .map((village) => (
                <option key={village.code} value={village.code}>
                  {named(village)}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}
