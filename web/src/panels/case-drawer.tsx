/** One case in full: where, who, its tasks, its history, and what the caller may do now. */

import { useEffect, useState } from "preact/hooks";
import type { CaseDetail, HistoryEntry, Task } from "../api/contract";
import { address, get } from "../api/http";
import { language, t, word } from "../i18n";
import { showOnMap } from "../map/view";
import { live } from "../state";
import { Due, Time } from "../ui/pieces";
import { span } from "../time";
import { PrintButton, PrintLine } from "../ui/print";
import { attempt } from "../ui/toast";
import { dueOf } from "./board";
import { AnswersOf } from "./answers";
import { openCase, openedCase } from "./chosen";
import { JointPart } from "./joint-part";
import { busy, commandName, give, type Matter, type Subject } from "./commands";
import { Likes } from "./likes";
import { packOf, titleOf } from "./packs";

export function CaseDrawer() {
  const id = openedCase.value;
  if (!id) return null;
  return <Drawer key={id} id={id} />;
}

function Drawer({ id }: { id: string }) {
  const [item, setItem] = useState<CaseDetail | null>(null);
  // the lists are fetched again whenever something of a case or task changed: follow them
  const cases = live.cases.value.value;
  const tasks = live.tasks.value.value;
  useEffect(() => {
    void attempt(get<CaseDetail>(`/cases/${id}`)).then((answer) => answer && setItem(answer));
  }, [id, cases, tasks]);
  const close = () => (openedCase.value = null);
  return (
    <aside class="drawer" aria-label={item?.title ?? id} data-testid="case-drawer">
      <header>
        <div>
          <p class="soft mono">{id}</p>
          <h2>{item?.title ?? t("loading")}</h2>
          <PrintLine />
        </div>
        <PrintButton />
        <button type="button" class="icon" aria-label={t("close")} onClick={close}>
          ×
        </button>
      </header>
      {item && <Body item={item} />}
    </aside>
  );
}

function Body({ item }: { item: CaseDetail }) {
  const pack = packOf(item.kind);
  const matter = pack && { pack, form: item.form };
  const pause = pack?.pauses.find((one) => one.code === item.paused);
  return (
    <>
      <div class="drawer-body">
        <p>
          {pack && <span class="tag" data-testid="case-kind">{titleOf(pack)}</span>}{" "}
          <span class="tag">{word("case.state", item.state)}</span>{" "}
          {item.due_at && !item.closed_at && <Due at={item.due_at} />}{" "}
          {pack?.hours === "working" && !item.closed_at && <span class="soft" data-testid="working-hours">{t("case.working_hours")}</span>}{" "}
          {item.escalation > 0 && <span class="escalation">{t("task.escalated", { n: item.escalation })}</span>}
        </p>
        {item.paused && (
          <p class="notice" data-testid="case-paused">
            {t("case.paused", { why: pause ? titleOf(pause) : item.paused })}
          </p>
        )}
        {item.rating !== null && (
          <p data-testid="case-rating">
            {t("case.rated")} {"★".repeat(item.rating)} {item.verdict && word("verdict", item.verdict)}
          </p>
        )}
        {[item.merged_into, ...item.absorbed].map(
          (other, n) =>
            other && (
              <button key={other} type="button" class="quiet" onClick={() => openCase(other)}>
                {t(n === 0 ? "case.merged_into" : "case.absorbed", { id: other })}
              </button>
            ),
        )}
        {item.text && <p class="lead">{item.text}</p>}
        {pack && <AnswersOf item={item} pack={pack} />}
        <dl class="facts">
          <div><dt>{t("case.where")}</dt><dd>{[item.town_name, item.territory_name, item.place_name].filter(Boolean).join(" · ")}</dd></div>
          <div><dt>{t("case.owner")}</dt><dd>{item.owner_name ?? word("role", item.owner_role)}</dd></div>
          <div><dt>{t("case.department")}</dt><dd>{item.department ?? "—"}</dd></div>
          <div><dt>{t("case.opened")}</dt><dd><Time at={item.opened_at} /></dd></div>
        </dl>
        {item.lon !== null && item.lat !== null && (
          <button type="button" class="quiet" data-testid="case-on-map" onClick={() => showOnMap(item.lon!, item.lat!)}>
            {t("case.on_map")}
          </button>
        )}
        {item.photos.length > 0 && (
          <div class="photos">
            {item.photos.map((digest) => (
              <a key={digest} href={address(`/attachments/${digest}`)} target="_blank" rel="noreferrer">
                <img src={address(`/attachments/${digest}`)} alt={t("case.photo")} loading="lazy" />
              </a>
            ))}
          </div>
        )}
        <Likes item={item} />
        {item.kind === "joint_team" && <JointPart id={item.id} state={item.state} />}
        <h3>{t("tasks")}</h3>
        {item.tasks.map((task) => (
          <TaskLine key={task.id} task={task} matter={matter} />
        ))}
        {!item.tasks.length && <p class="nothing">{t("case.no_tasks")}</p>}
        <h3>{t("case.history")}</h3>
        <ol class="history">
          {[...item.history].reverse().map((entry) => (
            <Happening key={entry.seq} entry={entry} />
          ))}
        </ol>
      </div>
      <Commands subject={{ of: "cases", id: item.id }} allowed={item.allowed} matter={matter} />
    </>
  );
}

function TaskLine({ task, matter }: { task: Task; matter: Matter | undefined }) {
  const due = dueOf(task);
  return (
    <div class="task-line">
      <p>
        <strong>{task.title}</strong> <span class="tag">{word("task.state", task.state)}</span> {due && <Due at={due} />}
      </p>
      <p class="soft">
        {task.assignee_name ?? t("task.nobody", { role: word("role", task.role) })} · {task.instruction}
      </p>
      <Commands
        subject={{ of: "tasks", id: task.id }}
        allowed={task.allowed}
        supervised={task.assignee !== null}
        matter={matter}
      />
    </div>
  );
}

interface CommandsProps {
  subject: Subject;
  allowed: string[];
  supervised?: boolean;
  matter: Matter | undefined;
}

function Commands({ subject, allowed, supervised, matter }: CommandsProps) {
  if (!allowed.length) return null;
  return (
    <footer class="actions commands">
      {allowed.map((command) => (
        <button
          key={command}
          type="button"
          disabled={busy.value === subject.id}
          data-testid={`${subject.of === "tasks" ? "task" : "case"}-command-${command}`}
          onClick={() => void give(subject, command, supervised, matter)}
        >
          {commandName(subject.of, command)}
        </button>
      ))}
    </footer>
  );
}

function Happening({ entry }: { entry: HistoryEntry }) {
  const said = [entry.payload["reason"], entry.payload["text"]].filter((x) => typeof x === "string");
  const photos = entry.payload["photos"];
  const age = entry.payload["age_s"];
  return (
    <li>
      <Time at={entry.at} />
      <div>
        <p>
          <strong>{word("history", entry.type)}</strong>
          {entry.task && <span class="mono soft"> {entry.task}</span>} · {entry.actor_name}
        </p>
        {typeof age === "number" && <p class="soft">{t("case.done_earlier", { ago: span(age * 1000, language.value) })}</p>}
        {entry.told_names && entry.told_names.length > 0 && (
          <p class="said" data-testid="told">{t("case.told", { names: entry.told_names.join("、") })}</p>
        )}
        {said.map((text) => (
          <p key={String(text)} class="said">{String(text)}</p>
        ))}
        {Array.isArray(photos) && photos.length > 0 && (
          <div class="photos">
            {photos.map((digest) => (
              <img key={String(digest)} src={address(`/attachments/${String(digest)}`)} alt={t("case.photo")} />
            ))}
          </div>
        )}
      </div>
    </li>
  );
}
