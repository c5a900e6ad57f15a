/** The hand-over 交接班: drafted from the state, edited and signed, acknowledged by who comes. */

import { useEffect, useState } from "preact/hooks";
import type { Handover } from "../api/command";
import { post } from "../api/http";
import { t, word } from "../i18n";
import { live } from "../state";
import { ask } from "../ui/ask";
import { Nothing, Time } from "../ui/pieces";
import { attempt } from "../ui/toast";
import { atWork } from "./state";

const KEEPERS = ["commander", "duty_officer", "analyst", "liaison"];

export function HandoverPart() {
  const known = live.handovers.value.value;
  const [chosen, setChosen] = useState<string | null>(null);
  const shown = known?.find((one) => one.id === chosen) ?? known?.[0];

  async function draft(): Promise<void> {
    const incident = live.command.value.peek()?.incident;
    const made = await attempt(
      post<{ id: string }>("/handovers", { incident: incident?.state === "open" ? incident.id : "" }),
      t("handover.drafted"),
    );
    await live.handovers.refresh();
    if (made) setChosen(made.id);
  }

  return (
    <div class="handover">
      <nav aria-label={t("command.handover")}>
        <button type="button" class="primary" data-testid="handover-draft" onClick={() => void draft()}>
          {t("handover.draft")}
        </button>
        <ul>
          {(known ?? []).map((one) => (
            <li key={one.id}>
              <button type="button" class="quiet" aria-pressed={one.id === shown?.id} onClick={() => setChosen(one.id)}>
                <b>{one.from_name}</b>{" "}
                <span class={one.state === "acknowledged" ? "soft" : "tag"}>{word("handover.state", one.state)}</span>
                <small class="soft"><Time at={one.drafted_at} long /></small>
              </button>
            </li>
          ))}
        </ul>
        {!known?.length && (
          <Nothing loaded={known !== null} failed={live.handovers.failed.value} text={t("handover.none")} />
        )}
      </nav>
      {shown && <Sheet key={shown.id + shown.drafted_at} note={shown} />}
    </div>
  );
}

function Sheet({ note }: { note: Handover }) {
  const [text, setText] = useState(note.text ?? "");
  const mine = note.allowed.includes("sign");
  useEffect(() => {
    if (!atWork.value.peek()) void atWork.refresh();
  }, []);

  async function give(command: string, body: Record<string, unknown>): Promise<void> {
    await attempt(post(`/handovers/${note.id}/${command}`, body), t(`handover.done.${command as "save" | "sign" | "acknowledge" | "discard"}`));
    await Promise.all([live.handovers.refresh(), live.command.refresh()]);
  }

  async function sign(): Promise<void> {
    const people = (atWork.value.peek() ?? []).filter((one) => KEEPERS.includes(one.role) && one.id !== note.from);
    const answer = await ask({
      title: t("handover.sign"),
      detail: <p>{t("handover.sign_sure")}</p>,
      fields: [
        {
          name: "to",
          label: t("handover.to"),
          choices: people.map((one) => ({ value: one.id, label: `${one.name} · ${word("role", one.role)}` })),
        },
      ],
      confirm: t("handover.sign"),
    });
    if (answer) await give("sign", { text, to: answer["to"] || null });
  }

  async function take(): Promise<void> {
    const answer = await ask({
      title: t("handover.acknowledge"),
      detail: <p>{t("handover.acknowledge_sure", { name: note.from_name })}</p>,
      fields: [{ name: "remark", label: t("handover.remark"), lines: 2 }],
      confirm: t("handover.acknowledge"),
    });
    if (answer) await give("acknowledge", { remark: answer["remark"] ?? "" });
  }

  return (
    <article class="handover-sheet" data-testid="handover" data-state={note.state}>
      <header>
        <h3>{t("handover.of", { from: note.from_name, to: note.acknowledged_by_name ?? note.to_name ?? t("handover.whoever") })}</h3>
        <p class="soft">
          {note.signed_at && <>{t("handover.signed_at")} <Time at={note.signed_at} long /> </>}
          {note.acknowledged_at && <>{t("handover.taken_at")} <Time at={note.acknowledged_at} long /></>}
        </p>
      </header>
      {mine ? (
        <textarea
          aria-label={t("command.handover")}
          data-testid="handover-text"
          maxLength={20000}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      ) : (
        <pre>{note.text ?? t("orders.erased")}</pre>
      )}
      {note.remark && <p class="said">{note.remark}</p>}
      <footer class="actions">
        {mine && (
          <>
            <button type="button" onClick={() => void give("discard", {})}>{t("handover.discard")}</button>
            <button type="button" data-testid="handover-save" onClick={() => void give("save", { text })}>{t("handover.save")}</button>
            <button type="button" class="primary" data-testid="handover-sign" onClick={() => void sign()}>{t("handover.sign")}</button>
          </>
        )}
        {note.allowed.includes("acknowledge") && (
          <button type="button" class="primary" data-testid="handover-acknowledge" onClick={() => void take()}>
            {t("handover.acknowledge")}
          </button>
        )}
      </footer>
    </article>
  );
}
