/** My reports and what became of them. */

import { language, t, word } from "../i18n";
import { zone } from "../state";
import { dayTime } from "../time";
import { Nothing } from "../ui/pieces";
import { Age } from "./as-of";
import { letters, reports } from "./state";

/** Steps that a reporter cares about, and the states that have reached each. */
const STEPS = [
  { name: "open", states: ["draft", "open", "assigned", "returned"] },
  { name: "accepted", states: ["accepted", "blocked"] },
  { name: "working", states: ["working", "done_claimed"] },
  { name: "closed", states: ["verified", "closed", "merged", "cancelled"] },
] as const;

/** Reports that wait on this phone for a signal. */
function Queued() {
  const waiting = letters.value.filter((letter) => letter.path === "/cases" || letter.path === "/depth-reports");
  return (
    <>
      {waiting.map((letter) => (
        <article key={letter.key} class="card" data-testid="report-waiting">
          <strong>{letter.title}</strong>
          <p class="to-send">{t(letter.refused ? "phone.conflict.refused" : "phone.task.waiting")}</p>
        </article>
      ))}
    </>
  );
}

export function Mine() {
  const known = reports.value.value;
  if (!known?.length) {
    return (
      <>
        <Queued />
        <Nothing loaded={known !== null} failed={reports.failed.value} text={t("phone.mine.none")} />
      </>
    );
  }
  return (
    <>
      <Queued />
      <Age of={reports.asOf.value} />
      {known.map((item) => {
        const step = STEPS.findIndex(({ states }) => (states as readonly string[]).includes(item.state));
        return (
          <article key={item.id} class="card" data-testid="report-card" data-state={item.state}>
            <header>
              <h2>{item.title}</h2>
              <span class="tag">{word("case.state", item.state)}</span>
            </header>
            {item.text && <p>{item.text}</p>}
            <p class="soft">
              {item.id} · {dayTime(item.opened_at, zone(), language.value)}
            </p>
            <ol class="steps" aria-hidden="true">
              {STEPS.map(({ name }, i) => (
                <li key={name} class={i <= step ? "reached" : ""}>
                  {word("phone.step", name)}
                </li>
              ))}
            </ol>
          </article>
        );
      })}
    </>
  );
}
