/** My tasks, with a big button for what comes next. */

import { useEffect, useState } from "preact/hooks";
import type { Task } from "../api/contract";
import type { Answers, PackField } from "../api/packs";
import { language, t, word } from "../i18n";
import { dueOf } from "../panels/board";
import { zone } from "../state";
import { dayTime } from "../time";
import { FormFields, labelOf } from "../ui/form";
import { firstMissing, toSend } from "../ui/form-answers";
import { Due, Nothing } from "../ui/pieces";
import { done } from "../ui/toast";
import { Age } from "./as-of";
import { dropDrafts, useDraft } from "./drafts";
import { foreseen, type Foreseen } from "./foreseen";
import { filesOf, FormPhotos } from "./form-photos";
import { knownOf } from "./known";
import { PhotoField } from "./photo";
import { ReadAloud } from "./read-aloud";
import { letters, packs, say, tasks } from "./state";

/** What comes next on the way of a task; the first that is allowed gets the big button. */
const FORWARD = ["claim", "acknowledge", "depart", "arrive", "complete"];
/** The way on also shows completing beside the next step: a short task skips the journey. */
const BESIDE = new Set(["complete", "decline"]);

export function Tasks() {
  const known = tasks.value.value?.map((task) => foreseen(task, letters.value)) ?? null;
  const open = (known ?? []).filter((task) => task.state !== "done" && task.state !== "expired");
  const ended = (known ?? []).filter((task) => !open.includes(task));
  return (
    <>
      <Age of={tasks.asOf.value} />
      {open.map((task) => (
        <TaskCard key={task.id} task={task} />
      ))}
      {!open.length && <Nothing loaded={known !== null} failed={tasks.failed.value} text={t("phone.tasks.none")} />}
      {ended.length > 0 && (
        <details>
          <summary>{t("phone.done", { n: ended.length })}</summary>
          {ended.map((task) => (
            <article key={task.id} class="card ended">
              <strong>{task.title}</strong>
              <p class="soft">
                {word("task.state", task.state)}
                {task.waiting && ` · ${t("phone.task.waiting")}`}
                {task.done_at && ` · ${dayTime(task.done_at, zone(), language.value)}`}
              </p>
            </article>
          ))}
        </details>
      )}
    </>
  );
}

function TaskCard({ task }: { task: Foreseen }) {
  const [form, setForm] = useState<"complete" | "decline" | null>(null);
  useForm(task);
  const [busy, setBusy] = useState(false);
  const due = dueOf(task);
  const next = FORWARD.find((command) => task.allowed.includes(command));
  const beside = task.allowed.filter((command) => BESIDE.has(command) && command !== next);
  const give = async (
    command: string,
    body: Record<string, unknown> = {},
    photo: Blob | null = null,
    files: Record<string, Blob> = {},
  ) => {
    setBusy(true);
    const title = `${word("task.command", command)} · ${task.title}`;
    const taken = await say(`/tasks/${task.id}/${command}`, body, photo, title, files);
    setBusy(false);
    if (taken) await dropDrafts(`task ${task.id} `);
    if (taken) setForm(null);
  };
  const press = (command: string) => {
    if (command === "complete" || command === "decline") setForm(command);
    else void give(command);
  };
  return (
    <article class={task.escalation ? "card late" : "card"} data-testid="task-card" data-task={task.id} data-state={task.state}>
      <header>
        <h2>{task.title}</h2>
        <span class="tag">{word("task.state", task.state)}</span>
      </header>
      {task.waiting && <p class="to-send">{t("phone.task.waiting")}</p>}
      <p class="where">{[task.place_name, task.territory_name].filter(Boolean).join(" · ")}</p>
      <p class="instruction">{task.instruction}</p>
      <ReadAloud id={task.id} text={aloud(task)} />
      <p class="deadline">
        {due && (
          <>
            {t("phone.due", { time: dayTime(due, zone(), language.value) })} · <Due at={due} />
          </>
        )}
        {task.escalation > 0 && <span class="escalation"> · {t("task.escalated", { n: task.escalation })}</span>}
      </p>
      {form ? (
        <Form kind={form} task={task} busy={busy} onSend={give} onCancel={() => void dropDrafts(`task ${task.id} `).then(() => setForm(null))} />
      ) : (
        <>
          {next && (
            <button type="button" class="big primary" disabled={busy} data-testid={testid(next)} onClick={() => press(next)}>
              {word("task.command", next)}
            </button>
          )}
          {beside.length > 0 && (
            <div class="beside">
              {beside.map((command) => (
                <button key={command} type="button" class="plain-button" disabled={busy} data-testid={testid(command)} onClick={() => press(command)}>
                  {word("task.command", command)}
                </button>
              ))}
            </div>
          )}
        </>
      )}
    </article>
  );
}

/** What a task says to somebody who listens: what, where, what to do, until when. */
function aloud(task: Task): string {
  const due = dueOf(task);
  const parts = [task.title, task.place_name ?? task.territory_name, task.instruction];
  if (due) parts.push(t("phone.due", { time: dayTime(due, zone(), language.value) }));
  return parts.filter(Boolean).join("。");
}

function testid(command: string): string {
  return `task-${command === "complete" ? "done" : command}`;
}

/** What the case of a task is asked when it is done, and what was answered when it was opened. */
function useForm(task: Task): { fields: readonly PackField[]; known: readonly PackField[]; before: Answers } {
  const pack = packs.value.value?.find((one) => one.kind === task.kind);
  const fields = pack?.fields.done ?? [];
  const item = fields.length ? knownOf<{ form?: Answers }>(`/cases/${task.case}`) : null;
  // while there is a signal, so that it is there when there is none; it does not change any more
  useEffect(() => void (item?.value.peek() === null && item.refresh()), [item]);
  return {
    fields,
    known: pack ? [...pack.fields.open, ...fields] : [],
    before: item?.value.value?.form ?? {},
  };
}

const NOTHING: Answers = {};

function Form(props: {
  kind: "complete" | "decline";
  task: Task;
  busy: boolean;
  onSend: (
    command: string,
    body: Record<string, unknown>,
    photo: Blob | null,
    files: Record<string, Blob>,
  ) => Promise<void>;
  onCancel: () => void;
}) {
  const place = `task ${props.task.id} ${props.kind} `;
  const [text, setText] = useDraft(`${place}text`, "");
  const [photo, setPhoto] = useDraft<Blob | null>(`${place}photo`, null);
  const [answers, setAnswers] = useDraft<Answers>(`${place}answers`, NOTHING);
  const { fields, known, before } = useForm(props.task);
  const ends = props.kind === "complete";
  const send = (event: Event) => {
    event.preventDefault();
    if (!ends) return void props.onSend(props.kind, { reason: text }, null, {});
    const missing = firstMissing(fields, answers, before);
    if (missing) return done(t("phone.form.missing", { label: labelOf(missing) }));
    const form = toSend(fields, answers, before);
    void props.onSend(props.kind, fields.length ? { text, form } : { text }, photo, filesOf(form));
  };
  return (
    <form onSubmit={send}>
      {ends && fields.length > 0 && (
        <FormFields fields={fields} answers={answers} onAnswers={setAnswers} before={before} known={known} photos={FormPhotos} />
      )}
      <label class="field">
        <span>{ends ? t("phone.evidence") : t("phone.reason")}</span>
        <textarea
          rows={3}
          required={!ends || !photo}
          value={text}
          placeholder={ends ? t("phone.evidence.hint") : ""}
          data-testid="evidence"
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      {ends && <PhotoField photo={photo} onPhoto={setPhoto} />}
      <button type="submit" class="big primary" disabled={props.busy} data-testid="evidence-submit">
        {t("phone.submit")}
      </button>
      <button type="button" class="plain-button" onClick={props.onCancel}>
        {t("phone.give_up")}
      </button>
    </form>
  );
}
