/** A drill on the phone 演练: the injects that go to me, and the questions I answer. */

import { useEffect } from "preact/hooks";
import type { DrillInject } from "../api/command";
import { language, named, t } from "../i18n";
import { clock } from "../state";
import { InjectCard, titleOf } from "../ui/inject";
import { Nothing } from "../ui/pieces";
import { Age } from "./as-of";
import { drill, letters, say } from "./state";

const LOOK_EVERY = 20_000;

/** Whether this desk runs a drill; elsewhere the page is not there. */
export const inDrill = () => clock.value?.replay?.world === "drill";

const path = (inject: DrillInject) => `/drill/injects/${inject.id}/answer`;

/** Questions of the drill that wait for an answer of mine. */
export function unansweredQuestions(): number {
  const known = drill.value.value;
  if (!known || known.ended_at) return 0;
  const sent = letters.value.map((letter) => letter.path);
  return known.injects.filter(
    (one) => one.question?.asked && one.question.answered === null && !sent.includes(path(one)),
  ).length;
}

export function DrillPage() {
  useEffect(() => {
    void drill.refresh();
    const timer = setInterval(() => void drill.refresh(), LOOK_EVERY);
    return () => clearInterval(timer);
  }, []);
  const known = drill.value.value;
  if (!known) return <Nothing loaded={false} failed={drill.failed.value} text="" />;
  const sent = letters.value.map((letter) => letter.path);
  return (
    <>
      <Age of={drill.asOf.value} />
      <article class="card" data-testid="phone-drill">
        <h2>{named(known)}</h2>
        <p class="soft">{language.value === "en" ? known.goal_en : known.goal}</p>
        <span class="tag">{t(known.ended_at ? "drill.ended" : known.started_at ? "drill.running" : "drill.not_started")}</span>
      </article>
      {known.injects.map((inject) => (
        <div key={inject.id} class="card">
          <InjectCard
            inject={inject}
            over={known.ended_at !== null || sent.includes(path(inject))}
            onAnswer={(choice) => void answer(inject, choice)}
          />
          {sent.includes(path(inject)) && <p class="to-send">{t("phone.task.waiting")}</p>}
        </div>
      ))}
      {!known.injects.length && <p class="nothing">{t(known.started_at ? "drill.none_yet" : "drill.waits")}</p>}
    </>
  );
}

async function answer(inject: DrillInject, choice: number): Promise<void> {
  await say(path(inject), { choice }, null, titleOf(inject));
  await drill.refresh();
}
