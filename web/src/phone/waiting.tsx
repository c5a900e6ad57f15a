/** What was said on this phone and is not with the service yet, and what it would not take. */

import { useEffect, useState } from "preact/hooks";
import { get } from "../api/http";
import type { Iso } from "../api/contract";
import { language, t, word, refusalWords } from "../i18n";
import { zone } from "../state";
import { clockTime, dayTime } from "../time";
import { attempt, done } from "../ui/toast";
import { conflicts, notesOf, taskOf } from "./conflict";
import { go } from "./nav";
import { about, type Letter } from "./outbox";
import { account } from "./person";
import { draft } from "./report";
import { letters, noSignal, ofOthers, outbox, refresh } from "./state";

/** How a task stands now, for somebody whose word came too late. */
interface Standing {
  title: string;
  state: string;
  assignee: string | null;
  assignee_name?: string;
  happened: { type: string; at: Iso; actor: string; actor_name: string };
}

export function Waiting() {
  const groups = conflicts(letters.value);
  const stuck = new Set(groups.flat().map((letter) => letter.key));
  const queued = letters.value.filter((letter) => !stuck.has(letter.key));
  return (
    <>
      {groups.map((group) => (
        <Conflict key={about(group[0]!)} group={group} />
      ))}
      {queued.length > 0 && <p class="lead">{t("phone.waiting.lead")}</p>}
      {queued.map((letter) => (
        <article key={letter.key} class="card" data-testid="letter">
          <strong>{letter.title || letter.path}</strong>
          <Written letter={letter} />
        </article>
      ))}
      {!letters.value.length && <p class="nothing">{t("phone.waiting.none")}</p>}
      {ofOthers.value > 0 && <p class="soft">{t("phone.waiting.others", { n: ofOthers.value })}</p>}
    </>
  );
}

function Written({ letter }: { letter: Letter }) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!letter.photo) return;
    const made = URL.createObjectURL(letter.photo);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [letter.photo]);
  const words = [letter.body["text"], letter.body["reason"]].filter((one) => typeof one === "string" && one);
  return (
    <>
      {words.map((one) => (
        <p key={String(one)} class="message-body">{String(one)}</p>
      ))}
      {url && <img class="thumb" src={url} alt={t("phone.photo")} />}
      <p class="soft">{t("phone.written_at", { time: dayTime(new Date(letter.at).toISOString(), zone(), language.value) })}</p>
    </>
  );
}

function Conflict({ group }: { group: Letter[] }) {
  const [standing, setStanding] = useState<Standing | null>(null);
  const [busy, setBusy] = useState(false);
  const [sure, setSure] = useState(false);
  const head = group.find((letter) => letter.refused)!;
  const task = taskOf(group);
  const unowned = head.owner === undefined;
  const keys = group.map((letter) => letter.key);
  useEffect(() => {
    if (!task || unowned || noSignal.value) return;
    void get<Standing>(`/tasks/${task}/standing`, account() ?? undefined).then(setStanding, () => undefined);
  }, [task, noSignal.value]);

  const end = async (job: () => Promise<unknown>, said?: string) => {
    setBusy(true);
    await attempt(job(), said);
    await refresh();
    setBusy(false);
  };
  const keep = () =>
    end(async () => {
      // first the notes, then the letters go: a phone that dies in between keeps both
      for (const note of notesOf(group, (at) => clockTime(new Date(at).toISOString(), zone()))) {
        await outbox.give(`/tasks/${task}/note`, { text: note.text }, note.photo, t("phone.note"), { at: note.at });
      }
      await outbox.drop(keys);
      await outbox.flush();
    }, t("phone.note.kept"));
  const change = () => {
    draft.value = { body: head.body, photo: head.photo, keys };
    go("report");
  };
  const reported = head.path === "/cases" || head.path === "/depth-reports";
  return (
    <section class="card conflict" data-testid="conflict" role="alert">
      <h2>{t(unowned ? "phone.conflict.unowned" : task ? "phone.conflict.task" : "phone.conflict.refused")}</h2>
      {group.map((letter) => (
        <div key={letter.key} class="said">
          <strong>{letter.title || letter.path}</strong>
          <Written letter={letter} />
        </div>
      ))}
      {!unowned && <p class="happened" data-testid="conflict-why">{standing ? happened(standing) : why(head)}</p>}
      {task && !unowned && (
        <button type="button" class="big primary" disabled={busy} data-testid="conflict-note" onClick={() => void keep()}>
          {t("phone.conflict.note")}
        </button>
      )}
      {reported && !unowned && (
        <button type="button" class="big primary" disabled={busy} data-testid="conflict-change" onClick={change}>
          {t("phone.conflict.change")}
        </button>
      )}
      <button type="button" class="plain-button" disabled={busy} data-testid="conflict-retry" onClick={() => void end(() => outbox.retry(head.key, unowned ? (account() ?? undefined) : undefined))}>
        {t(unowned ? "phone.conflict.mine" : "phone.conflict.retry")}
      </button>
      <button
        type="button"
        class="plain-button"
        disabled={busy}
        data-testid="conflict-drop"
        onClick={() => (sure ? void end(() => outbox.drop(keys)).then(() => done(t("phone.conflict.dropped"))) : setSure(true))}
      >
        {t(sure ? "phone.conflict.sure" : "phone.conflict.drop")}
      </button>
    </section>
  );
}

/** "14:02 王某 指派任务；现在已指派，由李某负责。" */
function happened({ state, assignee_name: holder, happened: last }: Standing): string {
  const words = { time: clockTime(last.at, zone()), who: last.actor_name, what: word("history", last.type), state: word("task.state", state) };
  return holder && !["done", "expired"].includes(state) ? t("phone.conflict.happened_by", { ...words, holder }) : t("phone.conflict.happened", words);
}

function why(letter: Letter): string {
  const { message = "", remedy = "", zh } = letter.refused ?? {};
  const said = refusalWords({ message, zh });
  if (said !== message) return `${said} ${message}`;
  return remedy ? `${message} ${t("notice.remedy", { remedy })}` : message;
}
