/** My reports and what became of them. */

import { useEffect, useState } from "preact/hooks";
import { language, t, word } from "../i18n";
import { zone } from "../state";
import { dayTime } from "../time";
import { Nothing } from "../ui/pieces";
import { Age } from "./as-of";
import { knownOf } from "./known";
import { letters, reports, say } from "./state";

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
            {item.state === "cancelled" && <Why id={item.id} />}
            {(item.state === "verified" || item.state === "closed") && <Verdict id={item.id} />}
          </article>
        );
      })}
    </>
  );
}

interface Ended {
  history: { type: string; payload: Record<string, unknown> }[];
}

/** Why a matter was cancelled, in the words of who did. */
function Why({ id }: { id: string }) {
  const item = knownOf<Ended>(`/cases/${id}`);
  useEffect(() => void item.refresh(), [item]);
  const last = item.value.value?.history.findLast((entry) => entry.type === "case.cancelled");
  const reason = last?.payload["reason"];
  return typeof reason === "string" ? <p class="answered" data-testid="cancelled-why">{reason}</p> : null;
}

const VERDICTS = ["solved", "partly", "unsolved"] as const;
const STARS = [1, 2, 3, 4, 5] as const;

interface Outcome {
  allowed: string[];
  verdict?: string | null;
  rating?: number | null;
}

/** What the reporter thinks of the outcome: asked once, when somebody has verified it. */
function Verdict({ id }: { id: string }) {
  const item = knownOf<Outcome>(`/cases/${id}`);
  const [verdict, setVerdict] = useState<(typeof VERDICTS)[number] | null>(null);
  const [text, setText] = useState("");
  useEffect(() => void item.refresh(), [item]);
  const known = item.value.value;
  const path = `/cases/${id}/rate`;
  if (letters.value.some((letter) => letter.path === path)) return <p class="to-send">{t("phone.task.waiting")}</p>;
  // before it is closed the same wish is a rejection
  const back = (["reopen", "reject"] as const).find((one) => known?.allowed.includes(one));
  if (known?.verdict) {
    return (
      <>
        <p class="answered">{t("phone.verdict.given", { verdict: word("verdict", known.verdict), n: known.rating ?? "—" })}</p>
        {back && <Reopen id={id} command={back} onSent={() => item.refresh()} />}
      </>
    );
  }
  if (!known?.allowed.includes("rate")) return null;
  const rate = async (rating: number) => {
    await say(path, { verdict: verdict!, rating, text }, null, t("phone.verdict.ask"));
    await item.refresh();
  };
  return (
    <fieldset class="verdict" data-testid="verdict">
      <legend>{t("phone.verdict.ask")}</legend>
      <div class="choices">
        {VERDICTS.map((one) => (
          <button key={one} type="button" class={verdict === one ? "on" : ""} aria-pressed={verdict === one} data-testid={`verdict-${one}`} onClick={() => setVerdict(one)}>
            {word("verdict", one)}
          </button>
        ))}
      </div>
      {verdict && (
        <>
          <label class="field">
            <span>{t("phone.report.text")}</span>
            <textarea rows={2} maxLength={2000} value={text} onInput={(event) => setText(event.currentTarget.value)} />
          </label>
          <p>{t("phone.verdict.stars")}</p>
          <div class="choices stars">
            {STARS.map((stars) => (
              <button key={stars} type="button" aria-label={t("phone.verdict.star", { n: stars })} data-testid={`stars-${stars}`} onClick={() => void rate(stars)}>
                {stars} ★
              </button>
            ))}
          </div>
        </>
      )}
    </fieldset>
  );
}

/** A closed matter that came back, or never was put right: within the pack's days it is opened again. */
function Reopen({ id, command, onSent }: { id: string; command: "reopen" | "reject"; onSent: () => unknown }) {
  const [asked, setAsked] = useState(false);
  const [reason, setReason] = useState("");
  const path = `/cases/${id}/${command}`;
  if (letters.value.some((letter) => letter.path === path)) return <p class="to-send">{t("phone.task.waiting")}</p>;
  if (!asked) {
    return (
      <button type="button" data-testid="reopen" onClick={() => setAsked(true)}>
        {t("phone.reopen")}
      </button>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void say(path, { reason }, null, t("phone.reopen")).then(onSent);
      }}
    >
      <label class="field">
        <span>{t("phone.reopen.why")}</span>
        <textarea rows={2} required maxLength={2000} data-testid="reopen-why" value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      <button type="submit" class="big primary" data-testid="reopen-send">{t("phone.reopen")}</button>
    </form>
  );
}
