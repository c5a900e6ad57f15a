/** Head of the desk: where, which event, what time it is there, and the hand on the replay. */

import type { Replay } from "../api/contract";
import { language, named, t } from "../i18n";
import { clock, session, zone } from "../state";
import { clockTime, day, weekday } from "../time";
import { AccountMenu, LanguageToggle } from "./account";
import { ReplayControls } from "./replay";
import { Timeline } from "./timeline";

export function Header() {
  const known = session.value.value;
  const body = clock.value;
  if (!known) return null;
  return (
    <header class="head">
      <div class="head-row">
        <div class="brand">
          <img src="/favicon.svg" alt="" />
          <strong>安澜</strong>
          <span class="brand-city">{t("desk.title", { city: named(known.city) })}</span>
        </div>
        {known.event && <h1>{named(known.event)}</h1>}
        {known.exercise && (
          <div class="exercise" data-testid="exercise" role="note" aria-label={t("exercise.label")}>
            <strong>演练</strong>
            <span>EXERCISE</span>
          </div>
        )}
        <span class="spring" />
        {body && <EventClock now={body.now} />}
        {body?.replay && (
          <ReplayControls replay={body.replay}>
            <StandingStill replay={body.replay} />
          </ReplayControls>
        )}
        <span class="spring" />
        <LanguageToggle />
        <AccountMenu />
      </div>
      <Timeline />
    </header>
  );
}

function EventClock({ now }: { now: string }) {
  const tongue = language.value;
  return (
    <div class="event-clock" data-testid="event-time" aria-label={t("clock.event")}>
      <time dateTime={now}>{clockTime(now, zone())}</time>
      <span>
        <b>{day(now, zone(), tongue)}</b>
        <small>{weekday(now, zone(), tongue)}</small>
      </span>
    </div>
  );
}

/** Says why event time stands still, when it does. */
function StandingStill({ replay }: { replay: Replay }) {
  const waiting = replay.waiting_for?.match(/^forecast due (\S+)$/)?.[1];
  const text = replay.finished
    ? t("replay.finished")
    : waiting
      ? t("replay.waiting", { time: `${day(waiting, zone(), language.value)} ${clockTime(waiting, zone())}` })
      : replay.waiting_for
        ? replay.waiting_for
        : replay.jump_to
          ? t("replay.hurrying", { time: `${day(replay.jump_to, zone(), language.value)} ${clockTime(replay.jump_to, zone())}` })
          : null;
  if (!text) return null;
  return (
    <p class="replay-state" role="status" data-testid="replay-state">
      {!replay.finished && <span class="spinner" aria-hidden="true" />}
      {text}
    </p>
  );
}
