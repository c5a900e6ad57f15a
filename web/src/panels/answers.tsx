/** What a case's form says: each answer under its question; personal ones opened one by one. */

import { useState } from "preact/hooks";
import type { CaseDetail } from "../api/contract";
import type { Answer, Answers, Pack, PackField } from "../api/packs";
import { address, post } from "../api/http";
import { language, t } from "../i18n";
import { zone } from "../state";
import { dayTime } from "../time";
import { ask } from "../ui/ask";
import { labelOf, optionOf } from "../ui/form";
import { attempt } from "../ui/toast";

export function AnswersOf({ item, pack }: { item: CaseDetail; pack: Pack }) {
  const fields = [...pack.fields.open, ...pack.fields.done, ...pack.fields.check];
  const given = fields.filter((field) => field.key in item.form);
  if (!given.length) return null;
  return (
    <dl class="facts answers" data-testid="case-form">
      {given.map((field) => (
        <div key={field.key}>
          <dt>{labelOf(field)}</dt>
          <dd data-testid={`given-${field.key}`}>
            <Given item={item} field={field} fields={fields} answer={item.form[field.key]!} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

interface GivenProps {
  item: CaseDetail;
  field: PackField;
  fields: readonly PackField[];
  answer: Answer;
}

function Given({ item, field, fields, answer }: GivenProps) {
  if (answer !== null && typeof answer === "object" && !Array.isArray(answer)) {
    if ("sealed" in answer) return <Sealed item={item} field={field} />;
    const over = fields.find((one) => one.key === field.each);
    return (
      <ul>
        {Object.entries(answer as Answers).map(([choice, each]) => (
          <li key={choice}>
            {optionOf(over, choice)}：<Given item={item} field={field} fields={fields} answer={each} />
          </li>
        ))}
      </ul>
    );
  }
  if (field.type === "photos" && Array.isArray(answer)) {
    return (
      <span class="photos">
        {answer.map((digest) => (
          <a key={digest} href={address(`/attachments/${digest}`)} target="_blank" rel="noreferrer">
            <img src={address(`/attachments/${digest}`)} alt={t("case.photo")} loading="lazy" />
          </a>
        ))}
      </span>
    );
  }
  return <>{inWords(field, answer)}</>;
}

/** An answer in words: choices by their labels, times in the city's zone. */
export function inWords(field: PackField, answer: Answer): string {
  if (answer === null) return t("form.erased");
  if (typeof answer === "boolean") return t(answer ? "yes" : "no");
  if (Array.isArray(answer)) {
    return answer.map((one) => optionOf(field, one)).join(language.value === "en" ? ", " : "、");
  }
  if (typeof answer === "number") return `${answer} ${field.unit}`.trim();
  if (field.type === "moment") return dayTime(String(answer), zone(), language.value);
  return field.options.length ? optionOf(field, String(answer)) : String(answer);
}

/** A personal answer: shown once a purpose was given, and until the case is put aside. */
function Sealed({ item, field }: { item: CaseDetail; field: PackField }) {
  const [clear, setClear] = useState<string | null>(null);
  if (clear !== null) return <strong>{clear}</strong>;
  const open = async () => {
    const told = await ask({
      title: `${t("form.open")} · ${labelOf(field)}`,
      detail: <p class="soft">{t("form.open.note")}</p>,
      fields: [{ name: "purpose", label: t("form.purpose"), required: true, lines: 1 }],
      confirm: t("form.open"),
    });
    if (!told) return;
    const body = { key: field.key, purpose: told["purpose"] };
    const opened = await attempt(post<{ value: Answer }>(`/cases/${item.id}/personal`, body));
    if (opened) setClear(opened.value === null ? t("form.erased") : String(opened.value));
  };
  return (
    <>
      ••••••{" "}
      <button type="button" class="quiet" data-testid={`open-${field.key}`} onClick={() => void open()}>
        {t("form.open")}
      </button>
    </>
  );
}
