/** Asking for what a command needs: a reason, evidence, an account, or only "are you sure". */

import { signal, type Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Answers, PackField } from "../api/packs";
import { t } from "../i18n";
import { Dialog } from "./dialog";
import { FormFields } from "./form";
import { PhotoList } from "./photo-list";

export interface Field {
  name: string;
  label: string;
  required?: boolean;
  lines?: number;
  choices?: readonly { value: string; label: string }[];
}

export interface Question {
  title: string;
  detail?: ComponentChildren;
  fields: readonly Field[];
  confirm: string;
  tone?: "plain" | "grave";
  /** Questions of a pack beside the fields; their answers are put into `answers`. */
  form?: {
    fields: readonly PackField[];
    known: readonly PackField[];
    before: Answers;
    answers: Signal<Answers>;
  };
}

type Answer = Record<string, string> | null;

const asked = signal<{ question: Question; settle: (answer: Answer) => void } | null>(null);

/** Puts the question; the answer is null when it was put aside. */
export function ask(question: Question): Promise<Answer> {
  return new Promise((settle) => {
    asked.value = { question, settle };
  });
}

export function Asking() {
  const current = asked.value;
  if (!current) return null;
  return <Form key={current.question.title} {...current} />;
}

function Form({ question, settle }: { question: Question; settle: (answer: Answer) => void }) {
  const [values, setValues] = useState<Record<string, string>>({});
  const end = (answer: Answer) => {
    asked.value = null;
    settle(answer);
  };
  return (
    <Dialog title={question.title} onClose={() => end(null)} testid="ask">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          end(values);
        }}
      >
        {question.detail}
        {question.fields.map((field) => (
          <label key={field.name} class="field">
            <span>
              {field.label}
              {field.required && <em aria-hidden="true"> *</em>}
            </span>
            <Input
              field={field}
              value={values[field.name] ?? ""}
              onValue={(value) => setValues({ ...values, [field.name]: value })}
            />
          </label>
        ))}
        {question.form && (
          <FormFields
            fields={question.form.fields}
            known={question.form.known}
            before={question.form.before}
            answers={question.form.answers.value}
            onAnswers={(answers) => (question.form!.answers.value = answers)}
            photos={PhotoList}
          />
        )}
        <footer class="actions">
          <button type="button" onClick={() => end(null)}>
            {t("cancel")}
          </button>
          <button
            type="submit"
            class={question.tone === "grave" ? "primary grave" : "primary"}
            data-testid="ask-confirm"
          >
            {question.confirm}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

function Input(props: { field: Field; value: string; onValue: (value: string) => void }) {
  const { field, value, onValue } = props;
  if (field.choices) {
    return (
      <select name={field.name} required={field.required} value={value} onChange={(e) => onValue(e.currentTarget.value)}>
        <option value="" />
        {field.choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    );
  }
  return (
    <textarea
      name={field.name}
      rows={field.lines ?? 3}
      required={field.required}
      value={value}
      onInput={(e) => onValue(e.currentTarget.value)}
    />
  );
}
