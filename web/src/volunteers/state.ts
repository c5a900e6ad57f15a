/** What the organiser's tab knows, and which work is open in it. */

import { signal } from "@preact/signals";
import { post } from "../api/http";
import type { CallPreview, LearningItem, Reasons, Roster, WorkDetail, WorkSummary } from "../api/volunteer";
import { language, t } from "../i18n";
import { resource, type Resource } from "../state";
import { ask, type Question } from "../ui/ask";
import { attempt } from "../ui/toast";

export const roster = resource<Roster>("/volunteers");
export const works = resource<WorkSummary[]>("/volunteer-work");
export const learning = resource<LearningItem[]>("/learning");

/** The work whose page is open, kept in step while it is. */
export const opened = signal<{ id: string; detail: Resource<WorkDetail> } | null>(null);

export function open(id: string | null): void {
  if (id === null) {
    opened.value = null;
    return;
  }
  const detail = resource<WorkDetail>(`/volunteer-work/${id}`);
  opened.value = { id, detail };
  void detail.refresh();
}

/** What changes by the minute: work, and the page that is open. */
export function refreshNow(): Promise<unknown> {
  return Promise.all([works.refresh(), opened.peek()?.detail.refresh() ?? Promise.resolve()]);
}

export function refreshAll(): Promise<unknown> {
  return Promise.all([
    works.refresh(),
    roster.refresh(),
    learning.refresh(),
    opened.peek()?.detail.refresh() ?? Promise.resolve(),
  ]);
}

/** One command; what it changed is fetched again. */
export async function order<T>(path: string, body: unknown, success?: string): Promise<T | null> {
  const answer = await attempt(post<T>(path, body), success);
  await refreshAll();
  return answer;
}

/** One command that asks for something first. */
export async function asked(path: string, question: Question, fixed: Record<string, unknown> = {}): Promise<boolean> {
  const answer = await ask(question);
  if (!answer) return false;
  const body: Record<string, unknown> = { ...fixed, ...answer };
  for (const name of ["minutes", "stars"]) if (body[name] !== undefined) body[name] = Number(body[name]);
  return (await order(path, body)) !== null;
}

export function preview(work: string, body: Record<string, unknown>): Promise<CallPreview | null> {
  return attempt(post<CallPreview>(`/volunteer-work/${work}/preview`, body));
}

/** Why somebody stands where they do: distance, and what they answered and did before. */
export function whyWords(reasons: Reasons): string {
  const { distance_km: km, asked, yes, promised, came } = reasons;
  return t("vo.why", { km, asked, yes, promised, came });
}

export function skillName(id: string | null): string {
  const found = roster.value.value?.rules.skills.find((one) => one.id === id);
  if (!found) return id ?? "";
  return language.value === "en" ? found.title_en : found.title;
}
