/** An inject of a drill 演练情景: what happens, and its question, answered once. */

import type { DrillInject } from "../api/command";
import { named, t, word } from "../i18n";
import { Time } from "./pieces";

export const titleOf = (inject: DrillInject) => named({ name: inject.title, name_en: inject.title_en });

interface Given {
  inject: DrillInject;
  over: boolean;
  onAnswer: (choice: number) => unknown;
  onCase?: (id: string) => unknown;
}

export function InjectCard({ inject, over, onAnswer, onCase }: Given) {
  const asked = inject.question;
  return (
    <article class="inject" data-testid="inject" data-inject={inject.id}>
      <header>
        <Time at={inject.at} /> <h4>{titleOf(inject)}</h4>
        {inject.to.length > 0 && (
          <small class="soft">{t("drill.to", { who: inject.to.map((one) => word("role", one)).join("、") })}</small>
        )}
      </header>
      <p>{inject.text}</p>
      {inject.case && onCase && (
        <button type="button" class="link" onClick={() => onCase(inject.case!)}>{t("drill.case", { id: inject.case })}</button>
      )}
      {asked && (
        <fieldset disabled={over || !asked.asked || asked.answered !== null}>
          <legend>{asked.text}</legend>
          {asked.choices.map((choice, number) => (
            <button
              key={choice}
              type="button"
              aria-pressed={asked.answered === number}
              data-testid={`answer-${number}`}
              onClick={() => onAnswer(number)}
            >
              {choice}
            </button>
          ))}
          {asked.answered === null && asked.asked && !over && (
            <small class="soft">{t("drill.within", { n: asked.within_min })}</small>
          )}
        </fieldset>
      )}
    </article>
  );
}
