/** Asking for something that has a form of its own: help, a matter of the grid, a room. */

import { useEffect, useState } from "preact/hooks";
import type { Answers, Pack } from "../api/packs";
import { language, t } from "../i18n";
import { FormFields, labelOf } from "../ui/form";
import { firstMissing, toSend } from "../ui/form-answers";
import { Nothing } from "../ui/pieces";
import { done } from "../ui/toast";
import { Age } from "./as-of";
import { dropDrafts, useDraft } from "./drafts";
import { filesOf, FormPhotos } from "./form-photos";
import { go, here } from "./nav";
import { PhotoField } from "./photo";
import { packs, say } from "./state";
import { WhereField, whereBody, type Where } from "./where";

/** Reports of water have a page of their own. */
const ELSEWHERE = ["resident_report"];

function title(pack: Pack): string {
  return language.value === "en" ? pack.title_en : pack.title;
}

export function Matters() {
  useEffect(() => void packs.refresh(), []);
  const known = packs.value.value;
  const open = (known ?? []).filter((pack) => pack.may_open && !ELSEWHERE.includes(pack.kind));
  const chosen = open.find((pack) => pack.kind === here.value.rest);
  if (chosen) return <NewMatter key={chosen.kind} pack={chosen} />;
  if (!open.length) return <Nothing loaded={known !== null} failed={packs.failed.value} text={t("phone.matters.none")} />;
  return (
    <>
      <Age of={packs.asOf.value} />
      <ul class="more">
        {open.map((pack) => (
          <li key={pack.kind}>
            <button type="button" data-testid={`matter-${pack.kind}`} onClick={() => go("matters", pack.kind)}>
              <span>
                {title(pack)}
                <small>{language.value === "en" ? pack.about_en : pack.about}</small>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

const NOTHING: Answers = {};

function NewMatter({ pack }: { pack: Pack }) {
  const place = `matter ${pack.kind} `;
  const [answers, setAnswers] = useDraft<Answers>(`${place}answers`, NOTHING);
  const [text, setText] = useDraft(`${place}text`, "");
  const [where, setWhere] = useState<Where | null>(null);
  const [locating, setLocating] = useState(false);
  const [photo, setPhoto] = useDraft<Blob | null>(`${place}photo`, null);
  const [busy, setBusy] = useState(false);
  const fields = pack.fields.open;
  const send = async (event: Event) => {
    event.preventDefault();
    if (!where) return done(t("phone.report.need_where"));
    const missing = firstMissing(fields, answers);
    if (missing) return done(t("phone.form.missing", { label: labelOf(missing) }));
    setBusy(true);
    const form = toSend(fields, answers);
    const body = { kind: pack.kind, text, form, ...whereBody(where) };
    const taken = await say("/cases", body, photo, title(pack), filesOf(form));
    setBusy(false);
    if (taken) await dropDrafts(place);
    if (taken) go("mine");
  };
  return (
    <form class="report" data-testid="matter-form" onSubmit={(event) => void send(event)}>
      <h2 class="list-head">{title(pack)}</h2>
      <p class="lead">
        {language.value === "en" ? pack.about_en : pack.about} {pack.hours === "working" && t("case.working_hours")}
      </p>
      <FormFields fields={fields} answers={answers} onAnswers={setAnswers} photos={FormPhotos} books={pack.books} />
      <label class="field">
        <span>{t("phone.report.text")}</span>
        <textarea rows={3} maxLength={2000} value={text} data-testid="matter-text" onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <PhotoField photo={photo} onPhoto={setPhoto} />
      <fieldset>
        <legend>{t("phone.report.where")}</legend>
        <WhereField where={where} onWhere={setWhere} onLocating={setLocating} />
      </fieldset>
      <button type="submit" class="big primary" disabled={busy || locating || !where} data-testid="matter-submit">
        {t(locating ? "phone.report.locating" : "phone.submit")}
      </button>
    </form>
  );
}
