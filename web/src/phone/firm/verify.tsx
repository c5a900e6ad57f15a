/** Checking a freight pass at the barrier, with or without a signal. */

import { useEffect, useRef, useState } from "preact/hooks";
import { language, t, word } from "../../i18n";
import { hasCamera, readPhoto, watch } from "../../passes/reading";
import { judge, readList, type Verdict } from "../../passes/token";
import { cargoWord } from "../../passes/words";
import { eventNow, zone } from "../../state";
import { dayTime, span } from "../../time";
import { done } from "../../ui/toast";
import { kit, useFresh } from "./known";

const HOUR = 3600_000;

function verdictOn(text: string): Verdict | null {
  const known = kit.value.peek();
  if (!known) return null;
  const world = { exercise: known.exercise, listOldMs: known.list_old_h * HOUR };
  return judge(text, known.keys, readList(known.revoked, known.keys), eventNow(), world);
}

export function VerifyPage() {
  const [text, setText] = useState("");
  const [code, setCode] = useState<string | null>(null);
  useFresh(kit);
  const known = kit.value.value;
  const found = code === null ? null : verdictOn(code);
  const look = (given: string | null) => {
    if (!given) return done(t("pass.check.no_code"));
    setCode(given.trim());
  };
  return (
    <div class="verify-page" data-testid="verify-page">
      <ListAge />
      {found && <Result verdict={found} onAgain={() => setCode(null)} />}
      {!found && (
        <>
          <Scanner onCode={look} />
          <label class="photo-button">
            {t("pass.check.photo")}
            <input
              class="hidden"
              type="file"
              accept="image/*"
              data-testid="verify-photo"
              onChange={(event) => {
                const file = event.currentTarget.files?.[0];
                if (file) void readPhoto(file).then(look);
              }}
            />
          </label>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              look(text);
            }}
          >
            <label class="field">
              <span>{t("pass.check.enter")}</span>
              <textarea rows={3} value={text} data-testid="verify-text" onInput={(event) => setText(event.currentTarget.value)} />
            </label>
            <button type="submit" class="big" disabled={!known || !text.trim()} data-testid="verify-submit">
              {t("pass.check.do")}
            </button>
          </form>
        </>
      )}
    </div>
  );
}

/** What the check rests on, and from when: an old list says so before anything is judged by it. */
function ListAge() {
  const known = kit.value.value;
  if (!known) {
    return <p class="warning-note" role="alert" data-testid="verify-no-kit">{t("pass.check.no_kit")}</p>;
  }
  const list = readList(known.revoked, known.keys);
  if (!list) return <p class="warning-note" role="alert">{t("pass.check.no_list")}</p>;
  const age = Math.max(0, eventNow() - list.at);
  const old = age > known.list_old_h * HOUR;
  return (
    <p class={old ? "warning-note" : "soft"} role={old ? "alert" : undefined} data-testid="verify-list" data-old={old}>
      {t(old ? "pass.check.list_old" : "pass.check.list", {
        time: dayTime(new Date(list.at).toISOString(), zone(), language.value),
        age: span(age, language.value),
        n: list.ids.size,
      })}
    </p>
  );
}

function Scanner({ onCode }: { onCode: (text: string) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const stop = useRef<(() => void) | null>(null);
  const [state, setState] = useState<"idle" | "open" | "failed">(hasCamera() ? "idle" : "failed");
  useEffect(() => () => stop.current?.(), []);
  const start = async () => {
    setState("open");
    try {
      stop.current = await watch(video.current!, onCode);
    } catch {
      // no leave for the camera, or none there: a photo or the letters do as well
      setState("failed");
    }
  };
  return (
    <div class="scanner">
      <video ref={video} class={state === "open" ? "" : "hidden"} muted playsInline data-testid="verify-video" />
      {state === "idle" && (
        <button type="button" class="big primary" data-testid="verify-scan" onClick={() => void start()}>
          {t("pass.check.scan")}
        </button>
      )}
      {state === "failed" && <p class="soft">{t("pass.check.no_camera")}</p>}
    </div>
  );
}

function Result({ verdict, onAgain }: { verdict: Verdict; onAgain: () => void }) {
  const { grant, state } = verdict;
  const good = state === "valid";
  const zoned = (ms: number) => dayTime(new Date(ms).toISOString(), zone(), language.value);
  return (
    <section class={`card verdict ${good ? "verdict-good" : "verdict-bad"}`} role="status" data-testid="verdict" data-state={state}>
      <p class="verdict-word">
        <span aria-hidden="true">{good ? "✓" : "✕"}</span> {word("pass.verdict", state)}
      </p>
      {good && verdict.listOld && (
        <p class="warning-note" data-testid="verdict-old">
          {verdict.listAge === null ? t("pass.check.without_list") : t("pass.check.by_old_list", { age: span(verdict.listAge, language.value) })}
        </p>
      )}
      {grant && (
        <>
          <p class="plate">{grant.plate}</p>
          <dl class="facts">
            <div><dt>{t("pass.firm")}</dt><dd>{grant.firm}</dd></div>
            <div><dt>{t("pass.cargo")}</dt><dd>{cargoWord(grant.cargo)}</dd></div>
            <div><dt>{t("pass.route")}</dt><dd>{grant.origin} → {grant.destination}</dd></div>
            <div><dt>{t("pass.valid")}</dt><dd>{zoned(grant.from)} – {zoned(grant.to)}</dd></div>
            <div><dt>{t("pass.number")}</dt><dd>{grant.id}{grant.exercise && " · 演练 EXERCISE"}</dd></div>
          </dl>
          <p>{t("pass.check.compare")}</p>
        </>
      )}
      <button type="button" class="big" data-testid="verify-again" onClick={onAgain}>
        {t("pass.check.next")}
      </button>
    </section>
  );
}
