/** A drill under way 演练: started by a commander, its injects, questions, and its report at the end. */

import type { DrillInject } from "../api/command";
import type { ClockBody } from "../api/contract";
import { address, get, post } from "../api/http";
import { language, named, t } from "../i18n";
import { openCase } from "../panels/chosen";
import { clock, live } from "../state";
import { ask } from "../ui/ask";
import { InjectCard, titleOf } from "../ui/inject";
import { Nothing, Time } from "../ui/pieces";
import { attempt } from "../ui/toast";
import { part } from "./state";

/** A line under the head of a desk that runs a drill: what it is, how it stands, the newest inject. */
export function DrillBanner() {
  const drill = live.drill.value.value;
  if (!drill) return null;
  const newest = drill.injects[0];
  return (
    <div class="drill-banner" role="note" data-testid="drill-banner">
      <strong>{t("drill.mark")}</strong>
      <span>{named(drill)}</span>
      <span class="tag">{t(drill.ended_at ? "drill.ended" : drill.started_at ? "drill.running" : "drill.not_started")}</span>
      {newest && !drill.ended_at && (
        <button type="button" class="quiet" onClick={() => (part.value = "drill")}>
          <Time at={newest.at} /> {titleOf(newest)}
        </button>
      )}
      <span class="spring" />
      {drill.may_direct && !drill.started_at && (
        <button type="button" class="primary" data-testid="drill-start" onClick={() => void start()}>
          {t("drill.start")}
        </button>
      )}
      {drill.may_direct && drill.started_at && !drill.ended_at && (
        <button type="button" data-testid="drill-end" onClick={() => void end()}>{t("drill.end")}</button>
      )}
      {drill.ended_at && (
        <a href={address("/drill/report.html")} target="_blank" rel="noreferrer" data-testid="drill-report">
          {t("drill.report")}
        </a>
      )}
      <button type="button" data-testid="drill-open" onClick={() => (part.value = "drill")}>{t("drill.injects")}</button>
    </div>
  );
}

async function changed(): Promise<void> {
  clock.value = await get<ClockBody>("/clock").catch(() => clock.peek());
  await live.drill.refresh();
}

async function start(): Promise<void> {
  const sure = await ask({
    title: t("drill.start"),
    detail: <p>{t("drill.start_sure")}</p>,
    fields: [],
    confirm: t("drill.start"),
  });
  if (!sure) return;
  await attempt(post("/drill/start"), t("drill.started"));
  await changed();
}

async function end(): Promise<void> {
  const sure = await ask({
    title: t("drill.end"),
    detail: <p>{t("drill.end_sure")}</p>,
    fields: [],
    confirm: t("drill.end"),
    tone: "grave",
  });
  if (!sure) return;
  await attempt(post("/drill/end"), t("drill.ended"));
  await changed();
}

export function DrillPart() {
  const drill = live.drill.value.value;
  if (!drill) return <Nothing loaded={false} failed={live.drill.failed.value} text="" />;
  return (
    <div class="drill" data-testid="drill">
      <header>
        <h3>{named(drill)}</h3>
        <p>{language.value === "en" ? drill.goal_en : drill.goal}</p>
        <p class="soft">{drill.source} · <Time at={drill.from} long /> – <Time at={drill.to} long /></p>
        {drill.ended_at && (
          <p>
            <a href={address("/drill/report.html")} target="_blank" rel="noreferrer">{t("drill.report")}</a>{" "}
            <a href={address("/drill/report")} target="_blank" rel="noreferrer">JSON</a>
          </p>
        )}
      </header>
      {drill.injects.map((inject) => (
        <InjectCard
          key={inject.id}
          inject={inject}
          over={drill.ended_at !== null}
          onAnswer={(choice) => void answer(inject, choice)}
          onCase={openCase}
        />
      ))}
      {!drill.injects.length && (
        <p class="nothing">{t(drill.started_at ? "drill.none_yet" : "drill.waits")}</p>
      )}
    </div>
  );
}

async function answer(inject: DrillInject, choice: number): Promise<void> {
  await attempt(post(`/drill/injects/${inject.id}/answer`, { choice }), t("drill.answered"));
  await live.drill.refresh();
}
