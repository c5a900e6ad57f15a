/** The map desk 指挥台. */

import "@fontsource-variable/noto-sans-sc/wght.css";
import "../style/base.css";
import "../style/desk.css";
import "../style/map.css";
import "../style/panels.css";
import "../style/firms.css";
import "../style/signin.css";
import "../style/command.css";
import "../style/dispatch.css";
import "../style/print.css";
import { render } from "preact";
import { choose, language, t } from "../i18n";
import { connected } from "../live";
import { CommandBoard } from "../command/board";
import { DrillBanner } from "../command/drill";
import { MapPanel } from "../map/view";
import { Alerts } from "../panels/alerts";
import { CaseDrawer } from "../panels/case-drawer";
import { FirmDrawer } from "../panels/firm-drawer";
import { IncidentPanel } from "../panels/incident";
import { NewCase } from "../panels/new-case";
import { PointsBoard } from "../panels/points-board";
import { RightColumn } from "../panels/right";
import { TaskBoard } from "../panels/tasks";
import { clock, layers, live, may, session, territory } from "../state";
import { get } from "../api/http";
import type { ClockBody } from "../api/contract";
import { Asking } from "../ui/ask";
import { Toasts } from "../ui/toast";
import { SignedOut } from "../ui/signed-out";
import { Header } from "./header";
import { Help } from "./help";
import { listenToKeys } from "./keyboard";
import { keepInStep, refreshAll } from "./refresh";

function Desk() {
  const known = session.value.value;
  if (!known) {
    return <p class="page-state">{session.failed.value ? t("offline") : t("loading")}</p>;
  }
  if (!known.account || known.lacks) return <SignedOut known={known} />;
  return (
    <>
      <div class={live.tasks.value.value?.length ? "desk" : "desk calm"}>
        <Header />
        <section class="left" aria-label={t("panel.left")}>
          <IncidentPanel />
          <div class="scroll">
            <Alerts />
          </div>
        </section>
        <MapPanel />
        <RightColumn />
        <TaskBoard />
        <CommandBoard />
        <FirmDrawer />
        <CaseDrawer />
        <DrillBanner />
        {clock.value?.problem && (
          <p class="reconnecting" role="alert">
            {t("live.problem", { problem: clock.value.problem })}
          </p>
        )}
        {!connected.value && (
          <p class="reconnecting" role="alert" data-testid="reconnecting">
            <span class="spinner" aria-hidden="true" />
            {t("live.reconnecting")}
          </p>
        )}
      </div>
      <Toasts />
      <NewCase />
      <PointsBoard />
      <Asking />
      <Help />
    </>
  );
}

async function start(): Promise<void> {
  choose(language.peek());
  render(<Desk />, document.getElementById("desk")!);
  await session.refresh();
  const known = session.value.peek();
  if (!known) {
    setTimeout(() => void start(), 2000);
    return;
  }
  document.title = `${t("desk.title", { city: known.city.name })} · 安澜`;
  if (!known.account || known.lacks) return;
  // the field has no part in the whole picture: its page is the phone's
  if (!may("view")) return location.replace("/phone.html");
  keepInStep();
  listenToKeys();
  clock.value ??= await get<ClockBody>("/clock").catch(() => null);
  await Promise.all([territory.refresh(), layers.refresh(), refreshAll()]);
}

void start();
