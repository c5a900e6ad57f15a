/** What each command of a case or task asks of the person, and giving it. */

import { signal } from "@preact/signals";
import type { Answers, Pack, PackField, Phase } from "../api/packs";
import { post } from "../api/http";
import { t, word, type Key } from "../i18n";
import { accounts, live, may } from "../state";
import { ask, type Field } from "../ui/ask";
import { firstMissing, toSend } from "../ui/form-answers";
import { labelOf } from "../ui/form";
import { attempt, refused } from "../ui/toast";
import { titleOf } from "./packs";

type Need = "reason" | "evidence" | "assignee" | "owner" | "into" | "verdict" | "rating";

/** Needs of a command; optional ones end in "?". Those not listed are given at once. */
const NEEDS: Record<string, readonly (Need | `${Need}?`)[]> = {
  assign: ["owner"],
  return: ["reason"],
  block: ["reason"],
  claim_done: ["evidence"],
  reject: ["reason"],
  cancel: ["reason"],
  merge: ["into"],
  complete: ["evidence", "reason?"],
  decline: ["reason"],
  withdraw: ["reason"],
  rate: ["verdict", "rating", "evidence?"],
  reopen: ["reason"],
};

/** The part of a pack's form that goes with a command. */
const PHASES: Record<string, Phase> = { complete: "done", claim_done: "done", verify: "check" };

const VERDICTS = ["solved", "partly", "unsolved"] as const;

/** Photos of the result, asked for beside the words where the pack wants some. */
const PHOTOS: PackField = {
  key: "photos",
  type: "photos",
  label: "结果照片",
  label_en: "Photos of the result",
  hint: "",
  hint_en: "",
  required: false,
  personal: false,
  min: null,
  max: null,
  unit: "",
  each: "",
  must: null,
  when: null,
  options: [],
};

/** Commands that end something, asked about in a graver tone. */
const GRAVE = new Set(["cancel", "reject", "withdraw", "merge"]);

/** The command under way, so that its buttons rest until it is answered. */
export const busy = signal<string | null>(null);

export type Subject = { of: "cases" | "tasks"; id: string };

/** What the commands of a case look at: its pack, and what its form says already. */
export interface Matter {
  pack: Pack;
  form: Answers;
}

export function commandName(subject: Subject["of"], command: string): string {
  return word(subject === "tasks" ? "task.command" : "case.command", command);
}

function fieldsOf(subject: Subject, command: string, supervised: boolean, matter?: Matter): Field[] {
  let needs: readonly string[] = NEEDS[command] ?? [];
  if (subject.of === "tasks" && command === "assign") needs = ["assignee"];
  // somebody else's answer is put down with how it came: by telephone, by radio
  if (supervised && command === "acknowledge") needs = ["reason"];
  const fields = needs.map((need) => {
    const name = need.replace("?", "");
    const field: Field = {
      name: name === "evidence" ? "text" : name,
      label: t(`ask.${name}` as Key),
      required: !need.endsWith("?"),
      lines: name === "into" ? 1 : 3,
    };
    const known = accounts.value.peek();
    if ((name === "owner" || name === "assignee") && known) {
      field.choices = known.map((one) => ({
        value: one.id,
        label: `${one.name} · ${word("role", one.role)} · ${one.department ?? one.territory_name}`,
      }));
    } else if (name === "owner" || name === "assignee") {
      field.lines = 1;
    } else if (name === "verdict") {
      field.choices = VERDICTS.map((value) => ({ value, label: word("verdict", value) }));
    } else if (name === "rating") {
      field.choices = [5, 4, 3, 2, 1].map((n) => ({ value: String(n), label: "★".repeat(n) }));
    }
    return field;
  });
  const pauses = command === "block" ? (matter?.pack.pauses ?? []) : [];
  if (pauses.length) {
    // the title of a listed reason says enough
    for (const field of fields) field.required = false;
    fields.unshift({
      name: "cause",
      label: t("ask.cause"),
      choices: pauses.map((pause) => ({ value: pause.code, label: titleOf(pause) })),
    });
  }
  return fields;
}

/** The questions of the pack that go with a command, the photos of the result among them. */
function formOf(command: string, matter?: Matter) {
  const phase = PHASES[command];
  if (!matter || !phase) return undefined;
  const all = matter.pack.fields;
  const photos = phase === "done" && matter.pack.evidence.photos > 0 ? [{ ...PHOTOS, required: true }] : [];
  const fields = [...all[phase], ...photos];
  if (!fields.length) return undefined;
  const known = [...all.open, ...all.done, ...all.check];
  return { fields, known, before: matter.form, answers: signal<Answers>({}) };
}

/** Gives `command`, asking first for what it needs; `supervised`: on another's behalf. */
export async function give(
  subject: Subject,
  command: string,
  supervised = false,
  matter?: Matter,
): Promise<void> {
  if (command === "assign" && !accounts.value.peek() && may("accounts")) await accounts.refresh();
  const fields = fieldsOf(subject, command, supervised, matter);
  const form = formOf(command, matter);
  const name = commandName(subject.of, command);
  let payload: Record<string, unknown> = {};
  if (fields.length || form || GRAVE.has(command)) {
    const answer = await ask({
      title: `${name} · ${subject.id}`,
      fields,
      confirm: name,
      tone: GRAVE.has(command) ? "grave" : "plain",
      ...(form ? { form } : {}),
    });
    if (!answer) return;
    const given = Object.entries(answer).filter(([, value]) => value !== "");
    payload = Object.fromEntries(given);
    if (payload["rating"]) payload["rating"] = Number(payload["rating"]);
    if (form) {
      const missing = firstMissing(form.fields, form.answers.peek(), form.before);
      // groups of buttons have no check of their own in the browser
      if (missing) return refused(t("form.missing", { label: labelOf(missing) }));
      const { photos, ...answers } = toSend(form.fields, form.answers.peek(), form.before);
      if (photos) payload["photos"] = photos;
      if (Object.keys(answers).length) payload["form"] = answers;
    }
  }
  busy.value = subject.id;
  await attempt(post(`/${subject.of}/${subject.id}/${command}`, payload), t("done.named", { name }));
  busy.value = null;
  await Promise.all([live.cases.refresh(), live.tasks.refresh()]);
}
