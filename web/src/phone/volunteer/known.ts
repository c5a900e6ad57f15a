/** What the phone knows of its owner as a volunteer, and how something is done as one. */

import type { OwnVolunteer, SkillRule } from "../../api/volunteer";
import { language } from "../../i18n";
import { known } from "../known";
import { say } from "../state";

export const own = known<OwnVolunteer>("/me/volunteer");

/** Also while another page is open: a call must show on its badge. */
const EVERY = 20_000;
setTimeout(() => void own.refresh(), 2_000);
setInterval(() => void own.refresh(), EVERY);

/** One command of a volunteer; kept on the phone while there is no network. */
export async function act(
  command: string,
  given: Record<string, unknown> = {},
  photo: Blob | null = null,
  title = "",
): Promise<boolean> {
  const taken = await say("/me/volunteer", { do: command, ...given }, photo, title);
  await own.refresh();
  return taken;
}

/** Calls that wait for an answer, and items that nobody has opened: what the badge counts. */
export function waiting(): number {
  const here = own.value.value;
  if (!here) return 0;
  const calls = here.calls.filter((one) => !one.answer).length;
  const out = here.mine.filter((one) => one.state === "on_site").length;
  return calls + out + here.learning.filter((one) => !one.understood_at).length;
}

export function skillName(rules: readonly SkillRule[], id: string | null): string {
  const found = rules.find((one) => one.id === id);
  if (!found) return id ?? "";
  return language.value === "en" ? found.title_en : found.title;
}
