/** What each command of a case or task asks of the person, and giving it. */

import { signal } from "@preact/signals";
import { post } from "../api/http";
import { t, word, type Key } from "../i18n";
import { accounts, live, may } from "../state";
import { ask, type Field } from "../ui/ask";
import { attempt } from "../ui/toast";

type Need = "reason" | "evidence" | "assignee" | "owner" | "into";

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
};

/** Commands that end something, asked about in a graver tone. */
const GRAVE = new Set(["cancel", "reject", "withdraw", "merge"]);

/** The command under way, so that its buttons rest until it is answered. */
export const busy = signal<string | null>(null);

export type Subject = { of: "cases" | "tasks"; id: string };

export function commandName(subject: Subject["of"], command: string): string {
  return word(subject === "tasks" ? "task.command" : "case.command", command);
}

function fieldsOf(subject: Subject, command: string, supervised: boolean): Field[] {
  let needs: readonly string[] = NEEDS[command] ?? [];
  if (subject.of === "tasks" && command === "assign") needs = ["assignee"];
  // somebody else's answer is put down with how it came: by telephone, by radio
  if (supervised && command === "acknowledge") needs = ["reason"];
  return needs.map((need) => {
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
    }
    return field;
  });
}

/** Gives `command`, asking first for what it needs; `supervised`: on another's behalf. */
export async function give(subject: Subject, command: string, supervised = false): Promise<void> {
  if (command === "assign" && !accounts.value.peek() && may("accounts")) await accounts.refresh();
  const fields = fieldsOf(subject, command, supervised);
  const name = commandName(subject.of, command);
  let payload: Record<string, string> = {};
  if (fields.length || GRAVE.has(command)) {
    const answer = await ask({
      title: `${name} · ${subject.id}`,
      fields,
      confirm: name,
      tone: GRAVE.has(command) ? "grave" : "plain",
    });
    if (!answer) return;
    payload = answer;
  }
  busy.value = subject.id;
  await attempt(post(`/${subject.of}/${subject.id}/${command}`, payload), t("done.named", { name }));
  busy.value = null;
  await Promise.all([live.cases.refresh(), live.tasks.refresh()]);
}
