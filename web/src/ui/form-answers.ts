/** Which questions of a form are asked, and what is sent of the answers. Pure. */

import type { Answer, Answers, PackField } from "../api/packs";

export function empty(answer: Answer | undefined): boolean {
  if (answer === undefined || answer === null || answer === "") return true;
  if (Array.isArray(answer)) return answer.length === 0;
  return typeof answer === "object" && Object.keys(answer).length === 0;
}

/** The choices over which a field asks once each; null for a field that is asked once. */
export function over(field: PackField, answers: Answers): string[] | null {
  if (!field.each) return null;
  const chosen = answers[field.each];
  return Array.isArray(chosen) ? chosen : [];
}

/** Whether a field is asked, given the answers of this and earlier phases. */
export function asked(field: PackField, answers: Answers): boolean {
  if (over(field, answers)?.length === 0) return false;
  if (!field.when) return true;
  const given = answers[field.when.key];
  const values = Array.isArray(given) ? given : [given];
  return values.some((value) => field.when!.is.includes(value as string));
}

/** What is sent: answers to what is asked, and of those the ones that were given. */
export function toSend(fields: readonly PackField[], answers: Answers, before: Answers = {}): Answers {
  const sent: Answers = {};
  for (const field of fields) {
    const answer = answers[field.key];
    if (empty(answer) || !asked(field, { ...before, ...sent })) continue;
    const chosen = over(field, { ...before, ...sent });
    if (!chosen) sent[field.key] = answer!;
    else {
      const all = answer as Record<string, Answer>;
      const kept = Object.fromEntries(chosen.filter((one) => !empty(all[one])).map((one) => [one, all[one]!]));
      if (!empty(kept)) sent[field.key] = kept;
    }
  }
  return sent;
}

/** The label of the first required question that has no answer yet, or null. */
export function firstMissing(
  fields: readonly PackField[],
  answers: Answers,
  before: Answers = {},
): PackField | null {
  const sent = { ...before, ...toSend(fields, answers, before) };
  for (const field of fields) {
    if (!field.required || !asked(field, sent)) continue;
    const answer = sent[field.key];
    const chosen = over(field, sent);
    if (!chosen ? empty(answer) : chosen.some((one) => empty((answer as Record<string, Answer>)?.[one]))) {
      return field;
    }
  }
  return null;
}
