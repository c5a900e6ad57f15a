/** The dossier 一企一档 of one firm, its plan 一企一策, and what the caller may do for it. */

import { useEffect, useState } from "preact/hooks";
import type { Dossier, FirmCase, Measure, Shot } from "../api/firms";
import { address, get, post } from "../api/http";
import { language, named, t, word } from "../i18n";
import { showOnMap } from "../map/view";
import { reasonWords } from "../passes/words";
import { eventNow, live, may, zone } from "../state";
import { dayTime } from "../time";
import { ask } from "../ui/ask";
import { Time } from "../ui/pieces";
import { PrintButton, PrintLine } from "../ui/print";
import { attempt } from "../ui/toast";
import { openCase } from "./chosen";
import { PassLine } from "./firms";
import { changes, openedFirm, refreshFirms } from "./firms-state";
import { OpenFirmCase, type Opening } from "./firm-case";
import { LiveView } from "./live-view";

const DAY = 86_400_000;
const OVER = new Set(["verified", "closed", "cancelled", "merged"]);
const DUE_DAYS = [1, 3, 7, 30];

export function FirmDrawer() {
  const id = openedFirm.value;
  return id ? <Drawer key={id} id={id} /> : null;
}

function Drawer({ id }: { id: string }) {
  const [firm, setFirm] = useState<Dossier | null>(null);
  const [opening, setOpening] = useState<Opening | null>(null);
  const cases = live.cases.value.value;
  const seen = changes.value;
  useEffect(() => {
    void attempt(get<Dossier>(`/firms/${id}`)).then((answer) => answer && setFirm(answer));
  }, [id, cases, seen]);
  return (
    <aside class="drawer" aria-label={firm ? named(firm) : id} data-testid="firm-drawer">
      <header>
        <div>
          <p class="soft mono">{id}</p>
          <h2>{firm ? named(firm) : t("loading")}</h2>
          <PrintLine />
        </div>
        <PrintButton />
        <button type="button" class="icon" aria-label={t("close")} onClick={() => (openedFirm.value = null)}>
          ×
        </button>
      </header>
      {firm && <Body firm={firm} />}
      {firm && may("command") && (
        <footer class="actions commands">
          {(["firm_visit", "firm_question", "remote_check"] as const).map((kind) => (
            <button key={kind} type="button" data-testid={`firm-open-${kind}`} onClick={() => setOpening({ firm: firm.id, kind })}>
              {t(`firm.open.${kind}`)}
            </button>
          ))}
          <button type="button" data-testid="firm-set-colour" onClick={() => void setColour(firm)}>
            {t("firm.set_colour")}
          </button>
          {firm.operation === "running" && (
            <button type="button" data-testid="firm-set-stopped" onClick={() => void setStopped(firm)}>
              {t("firm.operation.tell", { operation: word("firm.operation", "stopped") })}
            </button>
          )}
        </footer>
      )}
      {opening && <OpenFirmCase opening={opening} onEnd={() => setOpening(null)} />}
    </aside>
  );
}

async function setColour(firm: Dossier): Promise<void> {
  const answer = await ask({
    title: `${t("firm.set_colour")} · ${firm.id}`,
    fields: [
      {
        name: "colour",
        label: t("firm.colour"),
        choices: [...(["red", "yellow", "green"] as const).map((one) => ({ value: one, label: word("firm.colour", one) })), { value: "facts", label: t("firm.colour.facts") }],
        required: true,
      },
      { name: "hours", label: t("firm.colour.hours"), required: true, choices: ["12", "24", "72", "168"].map((one) => ({ value: one, label: t("pass.hours", { n: one }) })) },
      { name: "reason", label: t("ask.reason"), required: true },
    ],
    confirm: t("firm.set_colour"),
  });
  if (!answer) return;
  const colour = answer["colour"] === "facts" ? null : answer["colour"];
  await attempt(post(`/firms/${firm.id}/colour`, { colour, reason: answer["reason"], hours: Number(answer["hours"]) }));
  await refreshFirms();
}

async function setStopped(firm: Dossier): Promise<void> {
  const name = t("firm.operation.tell", { operation: word("firm.operation", "stopped") });
  if (!(await ask({ title: `${name} · ${firm.id}`, fields: [], confirm: name, tone: "grave" }))) return;
  await attempt(post(`/firms/${firm.id}/operation`, { operation: "stopped" }));
  await refreshFirms();
}

function Body({ firm }: { firm: Dossier }) {
  return (
    <div class="drawer-body">
      <p>
        <span class={`firm-colour firm-${firm.colour}`} data-testid="dossier-colour">
          {word("firm.colour", firm.colour)}
        </span>{" "}
        {word("firm.operation", firm.operation)}
        {firm.essential && <span class="tag">{t("firm.essential")}</span>}
        {firm.synthetic && <span class="tag">{t("synthetic")}</span>}
      </p>
      {firm.colour_set && (
        <p class="said">
          {t("firm.colour.by_hand", { name: firm.colour_set.by_name ?? firm.colour_set.by, reason: firm.colour_set.reason ?? "" })}{" "}
          {firm.colour_set.until && t("firm.colour.until", { time: dayTime(firm.colour_set.until, zone(), language.value) })}{" "}
          {t("firm.colour.worked_out", { colour: word("firm.colour", firm.colour_worked_out) })}
        </p>
      )}
      <ul class="firm-reasons" data-testid="dossier-reasons">
        {firm.reasons.map((reason) => (
          <li key={reason.code + reason.ref}>
            <span class={`firm-dot firm-${reason.colour}`} aria-hidden="true" /> {reasonWords(reason)}
          </li>
        ))}
        {!firm.reasons.length && <li>{t("firm.reasons.none")}</li>}
      </ul>
      <dl class="facts">
        <div><dt>{t("case.where")}</dt><dd>{firm.town_name} · {firm.territory_name}</dd></div>
        <div><dt>{t("firm.kind")}</dt><dd>{word("firm.kind", firm.kind)}</dd></div>
        <div><dt>{t("firm.employees")}</dt><dd>{firm.employees}</dd></div>
        <div><dt>{t("firm.visited")}</dt><dd><Time at={firm.visited_at} long /></dd></div>
        <div><dt>{t("firm.team")}</dt><dd>{firm.team ? `${named(firm.team)}（${firm.team.members.join("、")}）` : "—"}</dd></div>
        <div><dt>{t("firm.task_force")}</dt><dd>{named(firm.task_force)} · {firm.task_force.department}</dd></div>
      </dl>
      <button type="button" class="quiet" onClick={() => showOnMap(firm.lon, firm.lat)}>
        {t("case.on_map")}
      </button>
      <Plan firm={firm} />
      <h3>{t("firm.requests")}</h3>
      {firm.cases.map((one) => (
        <CaseLine key={one.id} item={one} shots={firm.checks[one.id]} />
      ))}
      {!firm.cases.length && <p class="nothing">{t("firm.cases.none")}</p>}
      <h3>{t("pass.title")}</h3>
      {firm.passes.map((one) => (
        <PassLine key={one.id} pass={one} />
      ))}
      {!firm.passes.length && <p class="nothing">{t("pass.list.none")}</p>}
    </div>
  );
}

function Plan({ firm }: { firm: Dossier }) {
  const add = async () => {
    const answer = await ask({
      title: t("firm.plan.add"),
      fields: [
        { name: "text", label: t("firm.plan.what"), required: true },
        { name: "days", label: t("firm.plan.due"), required: true, choices: DUE_DAYS.map((n) => ({ value: String(n), label: t("firm.plan.days", { n }) })) },
      ],
      confirm: t("firm.plan.add"),
    });
    if (!answer) return;
    const due = new Date(eventNow() + Number(answer["days"]) * DAY).toISOString();
    await attempt(post(`/firms/${firm.id}/measures`, { text: answer["text"], due_at: due }));
    await refreshFirms();
  };
  return (
    <>
      <h3>
        {t("firm.plan")}{" "}
        {may("command") && (
          <button type="button" class="small" data-testid="plan-add" onClick={() => void add()}>
            ＋ {t("firm.plan.add")}
          </button>
        )}
      </h3>
      {firm.measures.map((one) => (
        <MeasureLine key={one.id} firm={firm.id} measure={one} />
      ))}
      {!firm.measures.length && <p class="nothing">{t("firm.plan.none")}</p>}
    </>
  );
}

function MeasureLine({ firm, measure }: { firm: string; measure: Measure }) {
  const end = async (done: boolean) => {
    const name = t(done ? "firm.plan.done" : "firm.plan.drop");
    const answer = await ask({ title: name, fields: [{ name: "text", label: t("firm.plan.outcome"), required: true }], confirm: name });
    if (!answer) return;
    await attempt(post(`/firms/${firm}/measures/end`, { measure: measure.id, done, text: answer["text"] }));
    await refreshFirms();
  };
  return (
    <div class={measure.overdue ? "task-line overdue" : "task-line"} data-testid="measure" data-state={measure.state}>
      <p>
        {measure.text} <span class="tag">{word("firm.measure", measure.state)}</span>
      </p>
      <p class="soft">
        {measure.made_by_name} · {t("firm.plan.by", { time: dayTime(measure.due_at, zone(), language.value) })}
        {measure.ended_text && ` · ${measure.ended_text}`}
      </p>
      {measure.state === "open" && may("command") && (
        <footer class="actions">
          <button type="button" class="small" data-testid="measure-done" onClick={() => void end(true)}>
            {t("firm.plan.done")}
          </button>
          <button type="button" class="small" onClick={() => void end(false)}>
            {t("firm.plan.drop")}
          </button>
        </footer>
      )}
    </div>
  );
}

function CaseLine({ item, shots }: { item: FirmCase; shots: Shot[] | undefined }) {
  return (
    <div class={item.late ? "task-line overdue" : "task-line"} data-testid="firm-case" data-kind={item.kind} data-state={item.state}>
      <p>
        <button type="button" class="link" onClick={() => openCase(item.id)}>
          {word("firm.case", item.kind)} {item.id}
        </button>{" "}
        <span class="tag">{word("case.state", item.state)}</span> <Time at={item.opened_at} long />
      </p>
      {item.text && <p class="said">{item.text}</p>}
      {shots && !OVER.has(item.state) && may("command") && <LiveView check={item.id} />}
      {shots && <Shots check={item.id} shots={shots} />}
    </div>
  );
}

function Shots({ check, shots }: { check: string; shots: Shot[] }) {
  const judge = async (number: number, accepted: boolean) => {
    const answer = accepted ? {} : await ask({ title: t("check.refuse"), fields: [{ name: "reason", label: t("check.refuse.what"), required: true }], confirm: t("check.refuse") });
    if (!answer) return;
    await attempt(post(`/checks/${check}/judge`, { number, accepted, ...answer }));
    await refreshFirms();
  };
  return (
    <ul class="shots">
      {shots.map((one) => (
        <li key={one.shot} data-testid={`shot-${one.shot}`} data-state={one.state}>
          <p>
            {language.value === "zh" ? one.label : one.label_en} <span class="tag">{word("check.shot", one.state)}</span>
            {one.sent?.way === "live" && <span class="tag">{t("check.live")}</span>}
          </p>
          {one.sent && <Picture src={address(`/checks/${check}/shot?number=${one.sent.number}`)} mime={one.sent.mime} label={one.label} />}
          {one.sent?.reason && <p class="said">{one.sent.reason}</p>}
          {one.sent && one.state === "sent" && may("command") && (
            <footer class="actions">
              <button type="button" class="small primary" data-testid="shot-accept" onClick={() => void judge(one.sent!.number, true)}>
                {t("check.accept")}
              </button>
              <button type="button" class="small" data-testid="shot-refuse" onClick={() => void judge(one.sent!.number, false)}>
                {t("check.refuse")}
              </button>
            </footer>
          )}
        </li>
      ))}
    </ul>
  );
}

function Picture({ src, mime, label }: { src: string; mime: string; label: string }) {
  if (mime.startsWith("video/")) return <video src={src} controls preload="metadata" aria-label={label} />;
  return (
    <a href={src} target="_blank" rel="noreferrer">
      <img src={src} alt={label} loading="lazy" />
    </a>
  );
}
