/** The hand on the replay: pause, speed, jump, begin again. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { ClockBody, Replay } from "../api/contract";
import { post } from "../api/http";
import { language, named, t } from "../i18n";
import { clock, live, may, session, zone } from "../state";
import { dayTime, fromInput, inputTime, midnights } from "../time";
import { ask } from "../ui/ask";
import { usePopup } from "../ui/popup";
import { attempt } from "../ui/toast";

const SPEEDS = [1, 10, 60, 300, 600, 1200, 1800, 3600, 7200, 21600, 86400];

export async function command(body: Record<string, unknown>): Promise<void> {
  const answer = await attempt(post<ClockBody>("/replay", body));
  if (answer) clock.value = answer;
}

export function togglePause(): void {
  const replay = clock.peek()?.replay;
  if (replay && may("replay")) void command({ paused: !replay.paused });
}

export function ReplayControls({ replay, children }: { replay: Replay; children: ComponentChildren }) {
  const { open, setOpen, root } = usePopup();
  const held = !may("replay");
  const speeds = [...new Set([...SPEEDS, replay.speed])].sort((a, b) => a - b);
  return (
    <div ref={root} class="replay" role="group" aria-label={t("replay")}>
      <button
        type="button"
        class="icon play"
        data-testid="replay-pause"
        disabled={held || replay.finished}
        aria-pressed={replay.paused}
        aria-label={replay.paused ? t("replay.go") : t("replay.pause")}
        title={`${replay.paused ? t("replay.go") : t("replay.pause")} (${t("key.space")})`}
        onClick={togglePause}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d={replay.paused ? "M4 2.500v11l9-5.500z" : "M4 2.500h3v11H4zM9 2.500h3v11H9z"} />
        </svg>
      </button>
      <label class="speed">
        <span class="hidden">{t("replay.speed")}</span>
        <select
          data-testid="replay-speed"
          disabled={held}
          value={String(replay.speed)}
          onChange={(event) => void command({ speed: Number(event.currentTarget.value) })}
        >
          {speeds.map((speed) => (
            <option key={speed} value={String(speed)}>
              ×{Number.isInteger(speed) ? speed : speed.toFixed(1)}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        data-testid="replay-jump"
        disabled={held || replay.finished}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {t("replay.jump")}
      </button>
      {/* a drill is not begun again: what was measured stays */}
      {replay.world !== "drill" && (
        <button type="button" disabled={held} data-testid="replay-restart" onClick={() => void restart()}>
          {t("replay.restart")}
        </button>
      )}
      {children}
      {open && <JumpMenu replay={replay} onClose={() => setOpen(false)} />}
    </div>
  );
}

async function restart(): Promise<void> {
  const sure = await ask({
    title: t("replay.restart"),
    detail: <p>{t("replay.restart.detail")}</p>,
    fields: [],
    confirm: t("replay.restart"),
    tone: "grave",
  });
  if (sure) await command({ restart: true });
}

/** Moments worth jumping to: those the event names, the forecast tide's peak, each midnight. */
function moments(replay: Replay): { time: string; name: string }[] {
  const now = clock.value?.now ?? replay.from;
  const own = session.value.value?.event?.moments ?? [];
  const tide = live.assessment.value.value?.tide;
  const found = own.map((moment) => ({ time: moment.time, name: named(moment) }));
  if (tide?.peak_time) found.push({ time: tide.peak_time, name: t("replay.peak_tide") });
  for (const time of midnights(replay.from, replay.to, zone())) {
    found.push({ time, name: t("replay.midnight") });
  }
  const ahead = (time: string) => Date.parse(time) > Date.parse(now) && Date.parse(time) <= Date.parse(replay.to);
  return found
    .filter((moment) => ahead(moment.time))
    .sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
}

function JumpMenu({ replay, onClose }: { replay: Replay; onClose: () => void }) {
  const now = clock.value?.now ?? replay.from;
  const [wall, setWall] = useState(inputTime(now, zone()));
  const go = (time: string) => {
    onClose();
    void command({ jump_to: time });
  };
  return (
    <div class="menu jump" role="menu" data-testid="jump-menu">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          go(fromInput(wall, zone()));
        }}
      >
        <label class="field">
          <span>{t("replay.jump_to", { zone: zone() })}</span>
          <input
            type="datetime-local"
            value={wall}
            min={inputTime(now, zone())}
            max={inputTime(replay.to, zone())}
            onInput={(event) => setWall(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary">
          {t("replay.jump")}
        </button>
      </form>
      <ul>
        {moments(replay).map((moment) => (
          <li key={moment.time + moment.name}>
            <button type="button" role="menuitem" onClick={() => go(moment.time)}>
              <time dateTime={moment.time}>{dayTime(moment.time, zone(), language.value)}</time>
              <span>{moment.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
