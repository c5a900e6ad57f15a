/** The incident being managed: its response level, the level proposed, how its work stands. */

import type { Incident } from "../api/contract";
import { post } from "../api/http";
import { language, t, word } from "../i18n";
import { live, may } from "../state";
import { ask } from "../ui/ask";
import { Nothing, Time } from "../ui/pieces";
import { attempt } from "../ui/toast";
import { CommandButtons } from "../command/board";
import { foresee, ForeseenList } from "../command/foresee";
import { LEVELS } from "./choices";

export function IncidentPanel() {
  const known = live.incidents.value.value;
  const open = (known ?? []).filter((incident) => incident.state !== "closed");
  return (
    <section class="section incident" aria-label={t("incident")}>
      {open.map((incident) => (
        <IncidentCard key={incident.id} incident={incident} />
      ))}
      {!open.length && (
        <>
          <Nothing loaded={known !== null} failed={live.incidents.failed.value} text={t("incident.none")} />
          {known && may("decide") && (
            <p>
              <button type="button" data-testid="incident-open" onClick={() => void openByHand()}>
                {t("incident.open")}
              </button>
            </p>
          )}
        </>
      )}
    </section>
  );
}

function IncidentCard({ incident }: { incident: Incident }) {
  const proposed =
    incident.proposed_level && incident.proposed_level !== incident.level ? incident.proposed_level : null;
  const { tasks } = incident;
  return (
    <div data-testid="incident">
      <header class="incident-head">
        <div class={incident.level ? `level-mark level-${incident.level}` : "level-mark"} data-testid="level">
          <b>{incident.level || "—"}</b>
          <span>{incident.level ? t("level.unit") : t("level.none")}</span>
        </div>
        <div>
          <h2>{incident.name}</h2>
          <p class="soft">
            {incident.level ? word("level", incident.level) : t("level.not_started")}
            {incident.level_set_at && (
              <>
                {" · "}
                <Time at={incident.level_set_at} />
              </>
            )}
          </p>
        </div>
      </header>
      {proposed && <Proposal incident={incident} level={proposed} />}
      <dl class="tallies">
        <div><dt>{t("tally.cases")}</dt><dd>{incident.cases.closed}<small>/{incident.cases.opened}</small></dd></div>
        <div><dt>{t("tally.tasks")}</dt><dd>{tasks.done}<small>/{tasks.opened}</small></dd></div>
        <div class={tasks.late ? "bad" : ""}><dt>{t("tally.late")}</dt><dd>{tasks.late}</dd></div>
        <div class={tasks.escalated ? "bad" : ""}><dt>{t("tally.escalated")}</dt><dd>{tasks.escalated}</dd></div>
      </dl>
      <CommandButtons />
      {may("decide") && (
        <footer class="actions quiet-actions">
          <button type="button" class="quiet" data-testid="level-set" onClick={() => void setLevel(incident)}>
            {t("level.change")}
          </button>
          <button type="button" class="quiet" onClick={() => void close(incident)}>
            {t("incident.close")}
          </button>
          <a class="quiet" href={`/api/v1/review.html?language=${language.value}`} target="_blank" rel="noreferrer">
            {t("review")}
          </a>
        </footer>
      )}
    </div>
  );
}

function Proposal({ incident, level }: { incident: Incident; level: string }) {
  return (
    <div class="proposal" data-testid="proposal">
      <p>
        <strong>{t("level.proposed", { level: word("level", level) })}</strong>
        {incident.proposed_reason}
      </p>
      {may("decide") && (
        <button
          type="button"
          class="primary"
          data-testid="level-accept"
          onClick={() => void accept(incident, level)}
        >
          {t("level.accept")}
        </button>
      )}
    </div>
  );
}

async function accept(incident: Incident, level: string): Promise<void> {
  const found = await foresee(incident.id, level);
  if (!found) return;
  const answer = await ask({
    title: t("level.accept_sure", { level: word("level", level) }),
    detail: (
      <>
        <p class="lead">{incident.proposed_reason}</p>
        <ForeseenList found={found} />
      </>
    ),
    fields: [{ name: "reason", label: t("ask.reason"), required: true, lines: 2 }],
    confirm: t("level.accept"),
    tone: "grave",
  });
  if (answer) await change(incident.id, level, answer["reason"] ?? "");
}

async function setLevel(incident: Incident): Promise<void> {
  const answer = await ask({
    title: t("level.change"),
    fields: [
      {
        name: "level",
        label: t("level"),
        choices: LEVELS.map((level) => ({ value: level, label: word("level", level) })),
      },
    ],
    detail: <p class="soft">{t("level.empty_ends")}</p>,
    confirm: t("level.foresee"),
  });
  if (!answer) return;
  const level = answer["level"] ?? "";
  const found = await foresee(incident.id, level);
  if (!found) return;
  const sure = await ask({
    title: level ? t("level.accept_sure", { level: word("level", level) }) : t("level.end_sure"),
    detail: <ForeseenList found={found} />,
    fields: [{ name: "reason", label: t("ask.reason"), required: true, lines: 2 }],
    confirm: t("level.change"),
    tone: "grave",
  });
  if (sure) await change(incident.id, level, sure["reason"] ?? "");
}

async function change(id: string, level: string, reason: string): Promise<void> {
  await attempt(post(`/incidents/${id}/level`, { level, reason }), t("level.changed"));
  await Promise.all([live.incidents.refresh(), live.cases.refresh(), live.tasks.refresh()]);
}

async function close(incident: Incident): Promise<void> {
  const answer = await ask({
    title: t("incident.close"),
    fields: [{ name: "reason", label: t("ask.reason"), required: true }],
    confirm: t("incident.close"),
    tone: "grave",
  });
  if (!answer) return;
  await attempt(post(`/incidents/${incident.id}/close`, answer), t("incident.closed"));
  await live.incidents.refresh();
}

async function openByHand(): Promise<void> {
  const answer = await ask({
    title: t("incident.open"),
    fields: [
      { name: "name", label: t("incident.name"), required: true, lines: 1 },
      { name: "reason", label: t("ask.reason"), required: true },
    ],
    confirm: t("incident.open"),
  });
  if (!answer) return;
  await attempt(post("/incidents", answer), t("incident.opened"));
  await live.incidents.refresh();
}
