/** Which forecast, which product, which moment: the bar under the map. */

import { useEffect } from "preact/hooks";
import { language, t } from "../i18n";
import { clock, zone } from "../state";
import { clockTime, day, shortTime } from "../time";
import {
  following,
  moment,
  pinned,
  playing,
  position,
  positionOf,
  probability,
  published,
  run,
  runId,
  water,
  type Probability,
  type Water,
} from "./view-state";
import { waiting } from "./water";

const FRAMES_PER_SECOND = 4;
const KINDS: readonly Water[] = ["p50", "p90", "probability", "off"];

function play(): void {
  let before = performance.now();
  const step = (now: number) => {
    const frames = run.peek()?.frames;
    if (!playing.peek() || !frames) return;
    // a frame that has not come holds the picture, it is not skipped
    if (!waiting.peek()) {
      const next = position.peek() + ((now - before) / 1000) * FRAMES_PER_SECOND;
      position.value = next >= frames.length - 1 ? 0 : next;
    }
    before = now;
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

function togglePlay(): void {
  following.value = false;
  playing.value = !playing.value;
  if (playing.value) play();
}

export function moveBy(frames: number): void {
  const detail = run.peek();
  if (!detail) return;
  following.value = false;
  playing.value = false;
  const at = Math.round(position.peek()) + frames;
  position.value = Math.min(detail.frames.length - 1, Math.max(0, at));
}

export function TimeSlider() {
  const detail = run.value;
  useEffect(() => () => void (playing.value = false), []);
  if (!runId.value) return <div class="slider empty">{t("run.none")}</div>;
  if (!detail) return <div class="slider empty loading">{t("loading")}</div>;
  const last = detail.frames.length - 1;
  const still = water.value === "probability" || water.value === "off";
  const at = moment.value;
  const lead = at ? Math.round((Date.parse(at) - Date.parse(detail.issued)) / 3_600_000) : 0;
  const now = clock.value?.now;
  return (
    <div class="slider" role="group" aria-label={t("slider")}>
      <div class="slider-choice">
        <RunChoice />
        <div class="segmented" role="radiogroup" aria-label={t("water")}>
          {KINDS.map((kind) => (
            <button
              key={kind}
              type="button"
              role="radio"
              aria-checked={water.value === kind}
              class={water.value === kind ? "on" : ""}
              title={t(`water.${kind}.title`)}
              onClick={() => (water.value = kind)}
            >
              {t(`water.${kind}`)}
            </button>
          ))}
        </div>
        {water.value === "probability" && (
          <select
            aria-label={t("water.threshold")}
            value={probability.value}
            onChange={(event) => (probability.value = event.currentTarget.value as Probability)}
          >
            {detail.probabilities.map((threshold) => (
              <option key={threshold} value={threshold}>
                &gt; {threshold} m
              </option>
            ))}
          </select>
        )}
      </div>
      <div class={still ? "slider-time still" : "slider-time"}>
        <button
          type="button"
          class="icon play"
          disabled={still}
          aria-label={playing.value ? t("slider.pause") : t("slider.play")}
          data-testid="depth-play"
          onClick={togglePlay}
        >
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d={playing.value ? "M4 2.500h3v11H4zM9 2.500h3v11H9z" : "M4 2.500v11l9-5.500z"} />
          </svg>
        </button>
        <output class="slider-moment" data-testid="depth-moment">
          {still ? (
            <b>{t("slider.whole", { hours: last })}</b>
          ) : (
            at && (
              <>
                <b>{clockTime(at, zone())}</b>
                <span>
                  {day(at, zone(), language.value)} · {lead >= 0 ? "+" : ""}
                  {lead} h
                </span>
              </>
            )
          )}
        </output>
        <div class="slider-track">
          {now && (
            <span
              class="slider-now"
              style={{ left: `${(100 * positionOf(detail.frames, Date.parse(now))) / last}%` }}
              title={t("slider.now")}
            />
          )}
          <input
            type="range"
            data-testid="depth-slider"
            aria-label={t("slider.moment")}
            aria-valuetext={at ? shortTime(at, zone()) : ""}
            min={0}
            max={last}
            step={1}
            disabled={still}
            value={position.value}
            onInput={(event) => {
              following.value = false;
              playing.value = false;
              position.value = Number(event.currentTarget.value);
            }}
          />
        </div>
        <button
          type="button"
          class={following.value ? "follow on" : "follow"}
          aria-pressed={following.value}
          disabled={still}
          onClick={() => {
            playing.value = false;
            following.value = !following.value;
          }}
        >
          {t("slider.follow")}
        </button>
      </div>
    </div>
  );
}

function RunChoice() {
  return (
    <label class="run-choice">
      <span>{t("run")}</span>
      <select
        data-testid="run-choice"
        value={pinned.value ?? ""}
        onChange={(event) => (pinned.value = event.currentTarget.value || null)}
      >
        <option value="">{t("run.newest", { time: run.value ? shortTime(run.value.issued, zone()) : "" })}</option>
        {published.value.map((one) => (
          <option key={one.id} value={one.id}>
            {shortTime(one.issued, zone())} · {t("run.members", { n: one.members })}
          </option>
        ))}
      </select>
    </label>
  );
}
