/** The log 日志: who decided what, when, on which grounds, newest first. */

import { useState } from "preact/hooks";
import type { JournalEntry } from "../api/contract";
import { get } from "../api/http";
import { t, word } from "../i18n";
import { live, may } from "../state";
import { Nothing, Time } from "../ui/pieces";
import { attempt, done, refused } from "../ui/toast";
import { openCase } from "./chosen";
import { grouped, type Group } from "./journal-groups";

/** Most telling part of the chain first; deliveries and readings would drown the decisions. */
const QUIET = ["delivery.", "photo.", "access."];

export function Journal() {
  const [everything, setEverything] = useState(false);
  const known = live.journal.value.value;
  const listed = (known ?? []).filter(
    (entry) => everything || !QUIET.some((prefix) => entry.kind.startsWith(prefix)),
  );
  if (!may("journal")) return <p class="nothing">{t("journal.not_yours")}</p>;
  return (
    <div class="journal">
      <div class="filters">
        <label>
          <input type="checkbox" checked={everything} onChange={(e) => setEverything(e.currentTarget.checked)} />
          {t("journal.everything")}
        </label>
        <span class="spring" />
        <button type="button" class="quiet" onClick={() => void verify()}>
          {t("journal.verify")}
        </button>
      </div>
      <ol class="history" aria-live="off">
        {grouped(listed).map((group) =>
          group.counts.length ? (
            <Many key={group.first.seq} group={group} />
          ) : (
            <Line key={group.first.seq} entry={group.first} />
          ),
        )}
      </ol>
      {!listed.length && <Nothing loaded={known !== null} failed={live.journal.failed.value} text={t("journal.none")} />}
    </div>
  );
}

/** What an entry is about, in words where the desk knows them. */
function about(subject: string): string {
  const alert = live.alerts.value.value?.find((one) => one.id === subject);
  if (alert) return `${word("colour", alert.colour)} ${alert.headline}`;
  const task = live.tasks.value.value?.find((one) => one.id === subject);
  if (task) return `${task.title} · ${task.place_name ?? task.territory_name}`;
  const item = live.cases.value.value?.find((one) => one.id === subject);
  if (item) return item.title;
  const incident = live.incidents.value.value?.find((one) => one.id === subject);
  if (incident) return incident.name;
  // runs and digests are named by the start of their hash
  return subject.replace(/^(\w+:)?([0-9a-f]{8})[0-9a-f]{16,}$/, "$2");
}

function who(entry: JournalEntry): string {
  return entry.actor === "system" ? t("system") : entry.actor_name;
}

function Many({ group }: { group: Group }) {
  return (
    <li class={group.counts.some(([kind]) => kind.includes("escalat")) ? "overdue" : ""}>
      <Time at={group.first.valid_at} />
      <details>
        <summary>
          {group.counts.map(([kind, n]) => (
            <span key={kind} class="kind-count">
              <strong>{word("journal", kind)}</strong> {n}
            </span>
          ))}
          · {who(group.first)}
        </summary>
        <ul class="plain">
          {group.entries.map((entry) => (
            <li key={entry.seq}>
              {word("journal", entry.kind)} {about(entry.subject)}
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}

function Line({ entry }: { entry: JournalEntry }) {
  const item = live.cases.value.value?.find((one) => one.id === entry.subject);
  const task = live.tasks.value.value?.find((one) => one.id === entry.subject);
  const caseId = item?.id ?? task?.case;
  return (
    <li class={entry.kind.includes("escalat") ? "overdue" : ""}>
      <Time at={entry.valid_at} />
      <div>
        <p>
          <strong>{word("journal", entry.kind)}</strong> · {who(entry)}
        </p>
        {caseId ? (
          <button type="button" class="link" onClick={() => openCase(caseId)}>
            {about(entry.subject)}
          </button>
        ) : (
          <p class="soft">{about(entry.subject)}</p>
        )}
      </div>
    </li>
  );
}

async function verify(): Promise<void> {
  const verdict = await attempt(
    get<{ entries: number; verified: boolean; problem: string; anchored: number | null }>("/journal/verify"),
  );
  if (!verdict) return;
  if (!verdict.verified) return refused(verdict.problem);
  const intact = t("journal.intact", { n: verdict.entries });
  done(verdict.anchored === null ? intact : `${intact} ${t("journal.anchored", { n: verdict.anchored })}`);
}
