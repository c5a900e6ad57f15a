/** The plan as a checklist 清单: per level and step, or by town, what is done, what is late, by whom. */

import { useEffect, useState } from "preact/hooks";
import type { Checklist, ChecklistRow, ChecklistStep, Counts, Status } from "../api/command";
import { get } from "../api/http";
import { named, t, word } from "../i18n";
import { openCase } from "../panels/chosen";
import { live } from "../state";
import { Due, Nothing, Time } from "../ui/pieces";
import { attempt } from "../ui/toast";

const ORDER: readonly Status[] = ["late", "open", "waiting", "done_late", "done", "withdrawn"];

export function ChecklistPart() {
  const [list, setList] = useState<Checklist | null>(null);
  const [byTown, setByTown] = useState(false);
  const incident = live.command.value.value?.incident?.id;
  // it changes with its cases and tasks: those lists are fetched again whenever one did
  const tasks = live.tasks.value.value;
  const cases = live.cases.value.value;
  useEffect(() => {
    if (incident) void attempt(get<Checklist>(`/incidents/${incident}/checklist`)).then((came) => came && setList(came));
  }, [incident, tasks, cases]);
  if (live.command.value.value && !incident) return <Nothing loaded text={t("command.no_incident")} />;
  if (!list) return <Nothing loaded={false} failed={live.command.failed.value} text="" />;
  return (
    <div class="checklist" data-testid="checklist">
      <div class="command-bar">
        <p class="soft">{named({ name: list.plan_name, name_en: list.plan_name_en })}</p>
        <span class="spring" />
        <div class="segmented" role="group" aria-label={t("checklist.arranged")}>
          <button type="button" aria-pressed={!byTown} onClick={() => setByTown(false)}>{t("checklist.by_step")}</button>
          <button type="button" aria-pressed={byTown} data-testid="checklist-by-town" onClick={() => setByTown(true)}>
            {t("checklist.by_town")}
          </button>
        </div>
      </div>
      {byTown ? <ByTown list={list} /> : list.levels.map((level) => (
        <section key={level.level} class={level.reached ? "" : "ahead"} aria-label={word("level", level.level)}>
          <h3>
            {word("level", level.level)} {!level.reached && <small class="soft">{t("checklist.not_reached")}</small>}
          </h3>
          {level.steps.map((step) => <Step key={step.id} step={step} />)}
          {!level.steps.length && <p class="nothing">{t("checklist.no_steps")}</p>}
        </section>
      ))}
    </div>
  );
}

function Step({ step }: { step: ChecklistStep }) {
  const done = (step.counts.done ?? 0) + (step.counts.done_late ?? 0);
  const rows = [...step.rows].sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  return (
    <details class={step.counts.late ? "step has-late" : "step"} data-testid={`step-${step.id}`}>
      <summary>
        <span class="step-title">{named({ name: step.title, name_en: step.title_en })}</span>
        <span class="step-bar" aria-hidden="true">
          {step.total > 0 && (
            <>
              <i class="done" style={{ width: `${(100 * done) / step.total}%` }} />
              <i class="late" style={{ width: `${(100 * (step.counts.late ?? 0)) / step.total}%` }} />
            </>
          )}
        </span>
        <span class="step-counts">
          {step.total > 0 ? <b>{done}/{step.total}</b> : <span class="soft">{t("checklist.not_started")}</span>}
          <Tallies counts={step.counts} />
          {step.coming > 0 && <span class="soft">{t("checklist.coming", { n: step.coming })}</span>}
        </span>
      </summary>
      <p class="soft">
        {step.text} {t("checklist.deadlines", { ack: step.ack_min, done: step.done_min })}
        {step.after.length > 0 && ` ${t("checklist.after", { steps: step.after.join("、") })}`}
        {step.stand_down && ` ${t("checklist.stand_down", { title: step.stand_down })}`}
      </p>
      {rows.length > 0 && (
        <table class="command-table">
          <thead>
            <tr>
              <th>{t("checklist.status")}</th><th>{t("checklist.case")}</th><th>{t("checklist.town")}</th>
              <th>{t("checklist.who")}</th><th>{t("checklist.when")}</th>
            </tr>
          </thead>
          <tbody>{rows.map((row) => <Row key={row.case} row={row} />)}</tbody>
        </table>
      )}
    </details>
  );
}

function Tallies({ counts }: { counts: Counts }) {
  return (
    <>
      {(["late", "done_late", "waiting", "withdrawn"] as const).map((status) =>
        counts[status] ? (
          <span key={status} class={`status-${status}`}>{word("checklist.state", status)} {counts[status]}</span>
        ) : null,
      )}
    </>
  );
}

function Row({ row }: { row: ChecklistRow }) {
  return (
    <tr class={row.status === "late" ? "bad" : row.status === "withdrawn" ? "ended" : ""}>
      <td><span class={`status-${row.status}`}>{word("checklist.state", row.status)}</span></td>
      <td>
        <button type="button" class="link" onClick={() => openCase(row.case)}>
          {row.title}
        </button>
        {row.down && <span class="tag">{t("checklist.undoes")}</span>}
      </td>
      <td>{row.town_name}</td>
      <td>
        {row.who_name ?? t("checklist.nobody")}
        {row.unanswered && <small class="overdue">{t("checklist.unanswered")}</small>}
      </td>
      <td>
        {row.done_at ? <Time at={row.done_at} /> : row.status !== "withdrawn" && row.due_at ? <Due at={row.due_at} /> : "—"}
      </td>
    </tr>
  );
}

/** Towns down, steps across: done of all, red where something is late. */
function ByTown({ list }: { list: Checklist }) {
  const steps = list.levels.flatMap((level) => level.steps).filter((step) => step.total > 0);
  const towns = [...new Set(steps.flatMap((step) => step.towns.map((town) => town.name)))].sort((a, b) => a.localeCompare(b, "zh"));
  if (!steps.length) return <Nothing loaded text={t("checklist.nothing_started")} />;
  return (
    <div class="matrix-scroll">
      <table class="command-table matrix" data-testid="checklist-matrix">
        <thead>
          <tr>
            <th>{t("checklist.town")}</th>
            {steps.map((step) => <th key={step.id}>{named({ name: step.title, name_en: step.title_en })}</th>)}
          </tr>
        </thead>
        <tbody>
          {towns.map((town) => (
            <tr key={town}>
              <th scope="row">{town}</th>
              {steps.map((step) => <Cell key={step.id} counts={step.towns.find((one) => one.name === town)} />)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ counts }: { counts: Counts | undefined }) {
  if (!counts) return <td class="soft">·</td>;
  const done = (counts.done ?? 0) + (counts.done_late ?? 0);
  const total = done + (counts.late ?? 0) + (counts.open ?? 0) + (counts.waiting ?? 0);
  return (
    <td class={counts.late ? "bad" : done === total ? "all-done" : ""}>
      {done}/{total}
      {counts.late ? <small class="overdue"> {t("checklist.late_n", { n: counts.late })}</small> : null}
    </td>
  );
}
