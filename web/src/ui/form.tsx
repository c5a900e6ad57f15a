/** A pack's form, drawn from its fields alone: for the desk and for the phone. */

import type { ComponentType } from "preact";
import type { Answer, Answers, Pack, PackField } from "../api/packs";
import { language, t } from "../i18n";
import "../style/form.css";
import { asked, over } from "./form-answers";
import { RoomDay } from "./room-day";

/** How photos are taken and kept: at once on the desk, with the letter on the phone. */
export type Photos = ComponentType<{ value: string[]; onValue: (digests: string[]) => void }>;

export interface FormProps {
  fields: readonly PackField[];
  answers: Answers;
  onAnswers: (answers: Answers) => void;
  /** Answers of earlier phases, on which conditions look. */
  before?: Answers;
  /** All fields of the pack, for the words of choices made earlier. */
  known?: readonly PackField[];
  photos: Photos;
  books?: Pack["books"];
}

/** A thing's label in the language chosen. */
export function labelOf(thing: { label: string; label_en: string }): string {
  return language.value === "en" ? thing.label_en : thing.label;
}

/** The words of a choice. */
export function optionOf(field: PackField | undefined, value: string): string {
  const found = field?.options.find((one) => one.value === value);
  return found ? labelOf(found) : value;
}

export function FormFields(props: FormProps) {
  const { fields, answers, before = {}, onAnswers, photos, books } = props;
  const all = { ...before, ...answers };
  const known = props.known ?? fields;
  const put = (key: string, answer: Answer) => onAnswers({ ...answers, [key]: answer });
  return (
    <div class="pack-form">
      {fields.filter((field) => asked(field, all)).map((field) => {
        const chosen = over(field, all);
        const held = (answers[field.key] ?? {}) as Record<string, Answer>;
        return (
          <div key={field.key} data-testid={`field-${field.key}`}>
            {chosen ? (
              <fieldset class="pack-each">
                <legend><Label field={field} /></legend>
                {chosen.map((choice) => (
                  <Question
                    key={choice}
                    field={field}
                    name={`${field.key}.${choice}`}
                    label={optionOf(known.find((one) => one.key === field.each), choice)}
                    value={held[choice] ?? null}
                    photos={photos}
                    onValue={(answer) => put(field.key, { ...held, [choice]: answer })}
                  />
                ))}
              </fieldset>
            ) : (
              <Question
                field={field}
                name={field.key}
                value={answers[field.key] ?? null}
                photos={photos}
                onValue={(answer) => put(field.key, answer)}
              />
            )}
            {books?.venue === field.key && typeof answers[field.key] === "string" && (
              <RoomDay room={String(answers[field.key])} day={String(answers[books.starts] ?? "").slice(0, 10)} />
            )}
          </div>
        );
      })}
    </div>
  );
}

function Label({ field, label }: { field: PackField; label?: string | undefined }) {
  return (
    <>
      {label ?? labelOf(field)}
      {field.unit && <small class="unit"> {field.unit}</small>}
      {field.required && <em aria-hidden="true"> *</em>}
      {field.personal && <small class="sealed"> {t("form.personal")}</small>}
    </>
  );
}

interface QuestionProps {
  field: PackField;
  name: string;
  label?: string | undefined;
  value: Answer;
  photos: Photos;
  onValue: (answer: Answer) => void;
}

function Question({ field, name, label, value, photos: PhotosOf, onValue }: QuestionProps) {
  const hint = language.value === "en" ? field.hint_en : field.hint;
  // several controls under one label: a group, named by its legend
  if (field.type === "yes_no" || field.type === "choices" || field.type === "photos") {
    return (
      <fieldset class="field">
        <legend><Label field={field} label={label} /></legend>
        {field.type === "yes_no" && <YesNo name={name} value={value} onValue={onValue} />}
        {field.type === "choices" && <Choices field={field} name={name} value={value} onValue={onValue} />}
        {field.type === "photos" && <PhotosOf value={Array.isArray(value) ? value : []} onValue={onValue} />}
        {hint && <small class="soft">{hint}</small>}
      </fieldset>
    );
  }
  return (
    <label class="field">
      <span><Label field={field} label={label} /></span>
      <Input field={field} name={name} value={value} onValue={onValue} />
      {hint && <small class="soft">{hint}</small>}
    </label>
  );
}

function YesNo({ name, value, onValue }: { name: string; value: Answer; onValue: (answer: Answer) => void }) {
  return (
    <div class="pack-choices">
      {[true, false].map((answer) => (
        <label key={String(answer)} class={value === answer ? "on" : ""}>
          <input
            type="radio"
            name={name}
            checked={value === answer}
            data-testid={`answer-${name}-${answer ? "yes" : "no"}`}
            onChange={() => onValue(answer)}
          />
          {t(answer ? "yes" : "no")}
        </label>
      ))}
    </div>
  );
}

function Choices({ field, name, value, onValue }: Omit<QuestionProps, "photos">) {
  const chosen = Array.isArray(value) ? value : [];
  const toggle = (one: string) =>
    onValue(
      // in the order of the pack, whatever the order of the taps
      field.options.map((option) => option.value).filter((each) => chosen.includes(each) !== (each === one)),
    );
  return (
    <div class="pack-choices">
      {field.options.map((option) => (
        <label key={option.value} class={chosen.includes(option.value) ? "on" : ""}>
          <input
            type="checkbox"
            checked={chosen.includes(option.value)}
            data-testid={`answer-${name}-${option.value}`}
            onChange={() => toggle(option.value)}
          />
          {labelOf(option)}
        </label>
      ))}
    </div>
  );
}

function Input({ field, name, value, onValue }: Omit<QuestionProps, "photos">) {
  const text = value === null || typeof value === "object" ? "" : String(value);
  const common = { name, value: text, required: field.required, "data-testid": `answer-${name}` };
  if (field.options.length || field.type === "choice") {
    return (
      <select {...common} onChange={(event) => onValue(event.currentTarget.value || null)}>
        <option value="" />
        {field.options.map((option) => (
          <option key={option.value} value={option.value}>
            {labelOf(option)}
          </option>
        ))}
      </select>
    );
  }
  if (field.type === "words") {
    return (
      <textarea
        {...common}
        rows={3}
        maxLength={field.max ?? 2000}
        onInput={(event) => onValue(event.currentTarget.value || null)}
      />
    );
  }
  if (field.type === "integer" || field.type === "number") {
    return (
      <input
        {...common}
        type="number"
        inputMode={field.type === "integer" ? "numeric" : "decimal"}
        step={field.type === "integer" ? 1 : "any"}
        min={field.min ?? undefined}
        max={field.max ?? undefined}
        onInput={(event) => onValue(event.currentTarget.value === "" ? null : event.currentTarget.valueAsNumber)}
      />
    );
  }
  const put = (event: { currentTarget: HTMLInputElement }) => onValue(event.currentTarget.value || null);
  if (field.type === "date") return <input {...common} type="date" onInput={put} />;
  if (field.type === "moment") return <input {...common} type="datetime-local" onInput={put} />;
  if (field.type === "phone") return <input {...common} type="tel" maxLength={24} onInput={put} />;
  return <input {...common} type="text" maxLength={field.max ?? 200} onInput={put} />;
}
