/** The task board 任务: four columns from waiting to done. */

import { useState } from "preact/hooks";
import type { CaseDetail, Task } from "../api/contract";
import { get } from "../api/http";
import { t, word } from "../i18n";
import { eventNow, live } from "../state";
import { Due, Nothing, Time } from "../ui/pieces";
import { board, COLUMNS, dueOf, type Column } from "./board";
import { openCase } from "./chosen";
import { attempt } from "../ui/toast";
import { busy, commandName, give } from "./commands";
import { packOf } from "./packs";

/** Cards drawn in a column; a board of hundreds is read by its counts. */
const DRAWN = 60;

/** Commands offered on the card itself; the others are in the case's drawer. */
const ON_CARD = new Set(["acknowledge", "complete", "claim"]);

export function TaskBoard() {
  const known = live.tasks.value.value;
  const columns = board(known ?? []);
  return (
    <section class="board" aria-label={t("tasks")} data-testid="task-board">
      {COLUMNS.map((name) => (
        <ColumnOf key={name} name={name} tasks={columns[name]} loaded={known !== null} />
      ))}
    </section>
  );
}

function ColumnOf({ name, tasks, loaded }: { name: Column; tasks: Task[]; loaded: boolean }) {
  const [all, setAll] = useState(false);
  const now = eventNow();
  const overdue = tasks.filter((task) => {
    const due = dueOf(task);
    return due !== null && Date.parse(due) < now;
  }).length;
  const drawn = all ? tasks : tasks.slice(0, DRAWN);
  return (
    <div class={`column column-${name}`} data-testid={`column-${name}`}>
      <header>
        <h3>{word("column", name)}</h3>
        <span class="count">{tasks.length}</span>
        {overdue > 0 && <span class="overdue">{t("tasks.overdue", { n: overdue })}</span>}
      </header>
      <div class="column-cards">
        {drawn.map((task) => (
          <TaskCard key={task.id} task={task} />
        ))}
        {!tasks.length && <Nothing loaded={loaded} failed={live.tasks.failed.value} text={t(`tasks.none.${name}`)} />}
        {drawn.length < tasks.length && (
          <button type="button" class="quiet" onClick={() => setAll(true)}>
            {t("more", { n: tasks.length - drawn.length })}
          </button>
        )}
      </div>
    </div>
  );
}

function TaskCard({ task }: { task: Task }) {
  const due = dueOf(task);
  const overdue = due !== null && Date.parse(due) < eventNow();
  const commands = task.allowed.filter((command) => ON_CARD.has(command)).slice(0, 1);
  return (
    <article
      class={`task${overdue ? " overdue" : ""}${task.escalation ? " escalated" : ""}`}
      data-testid="task-card"
      data-task={task.id}
      data-state={task.state}
    >
      <header>
        <button type="button" class="task-title" title={task.title} onClick={() => openCase(task.case)}>
          {task.title}
        </button>
        {due ? <Due at={due} /> : <Finished task={task} />}
      </header>
      <footer>
        <span class="tag">{word("task.state", task.state)}</span>
        {task.escalation > 0 && <span class="escalation">{t("task.escalated", { n: task.escalation })}</span>}
        <span class="task-who">
          {task.assignee_name ?? t("task.nobody", { role: word("role", task.role) })}
          {!task.title.includes(task.territory_name) && ` · ${task.place_name ?? task.territory_name}`}
        </span>
        {commands.map((command) => (
          <button
            key={command}
            type="button"
            class="small"
            disabled={busy.value === task.id}
            data-testid={`task-${command === "complete" ? "done" : command}`}
            onClick={() => void giveOnCard(task, command)}
          >
            {commandName("tasks", command)}
          </button>
        ))}
      </footer>
    </article>
  );
}

/** What ends work asks for the pack's form, which looks at what the case says already. */
async function giveOnCard(task: Task, command: string): Promise<void> {
  const pack = packOf(task.kind);
  const asks = command === "complete" && pack && (pack.fields.done.length || pack.evidence.photos);
  const item = asks ? await attempt(get<CaseDetail>(`/cases/${task.case}`)) : null;
  const matter = pack && item ? { pack, form: item.form } : undefined;
  await give({ of: "tasks", id: task.id }, command, task.assignee !== null, matter);
}

function Finished({ task }: { task: Task }) {
  return (
    <span class={task.late ? "overdue" : "soft"}>
      <Time at={task.done_at} /> {task.late && t("task.late")}
    </span>
  );
}
