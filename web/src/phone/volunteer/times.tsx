/** When a volunteer can come, as a few ready choices: a week of windows is too much for a thumb. */

import type { Window } from "../../api/volunteer";
import { t } from "../../i18n";

const EVENINGS: Window[] = [0, 1, 2, 3, 4].map((day) => [day, 1080, 1320]);
const WEEKENDS: Window[] = [5, 6].map((day) => [day, 480, 1320]);

export const CHOICES = {
  any: [] as Window[],
  evenings: [...EVENINGS, ...WEEKENDS],
  weekends: WEEKENDS,
  days: [0, 1, 2, 3, 4, 5, 6].map((day): Window => [day, 480, 1080]),
} as const;
export type Choice = keyof typeof CHOICES;

/** The ready choice that equals these windows, if one does. */
export function choiceOf(times: readonly Window[]): Choice | null {
  const text = JSON.stringify([...times].sort());
  const names = Object.keys(CHOICES) as Choice[];
  return names.find((name) => JSON.stringify([...CHOICES[name]].sort()) === text) ?? null;
}

export function TimesField({ times, onTimes }: { times: readonly Window[]; onTimes: (times: readonly Window[]) => void }) {
  const chosen = choiceOf(times);
  return (
    <label class="field">
      <span>{t("v.times")}</span>
      <select
        value={chosen ?? "own"}
        data-testid="times"
        onChange={(event) => {
          const name = event.currentTarget.value;
          if (name in CHOICES) onTimes(CHOICES[name as Choice]);
        }}
      >
        {!chosen && <option value="own">{t("v.times.own", { n: times.length })}</option>}
        {(Object.keys(CHOICES) as Choice[]).map((name) => (
          <option key={name} value={name}>
            {t(`v.times.${name}`)}
          </option>
        ))}
      </select>
    </label>
  );
}
