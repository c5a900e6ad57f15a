/** Work of a volunteer: calls to answer, being out there, what is claimed and what may be. */

import { useState } from "preact/hooks";
import type { OwnVolunteer, VolunteerWork } from "../../api/volunteer";
import { language, t, word } from "../../i18n";
import { eventNow, zone } from "../../state";
import { clockTime, dayTime } from "../../time";
import { act, skillName } from "./known";

const EARLY_MS = 2 * 3_600_000;

function when(work: VolunteerWork): string {
  return `${dayTime(work.starts_at, zone(), language.value)} – ${clockTime(work.ends_at, zone())}`;
}

/** A big button that rests while its command is under way. */
function Big(props: { text: string; testid: string; plain?: boolean; onPress: () => Promise<unknown> }) {
  const [busy, setBusy] = useState(false);
  const press = async () => {
    setBusy(true);
    await props.onPress();
    setBusy(false);
  };
  return (
    <button
      type="button"
      class={props.plain ? "plain-button" : "big primary"}
      disabled={busy}
      data-testid={props.testid}
      onClick={() => void press()}
    >
      {props.text}
    </button>
  );
}

function About({ here, work }: { here: OwnVolunteer; work: VolunteerWork }) {
  return (
    <>
      <p class="where">{[work.place_name, work.territory_name].filter(Boolean).join(" · ")}</p>
      <p>
        <strong>{when(work)}</strong>
      </p>
      {work.detail && <p class="instruction">{work.detail}</p>}
      {work.skill && <p class="soft">{t("v.needs", { skill: skillName(here.rules.skills, work.skill) })}</p>}
    </>
  );
}

function Title({ work, tag }: { work: VolunteerWork; tag: string }) {
  return (
    <header>
      <h2>
        {work.drill && `【${t("v.drill")}】`}
        {work.title}
      </h2>
      <span class="tag">{tag}</span>
    </header>
  );
}

/** Out there: the first thing on the page until the person is back. */
export function Out({ here }: { here: OwnVolunteer }) {
  return (
    <>
      {here.mine
        .filter((one) => one.state === "on_site")
        .map(({ work, safe_until, searched }) => {
          const late = safe_until !== null && Date.parse(safe_until) <= eventNow();
          return (
            <article key={work.id} class={late ? "card late" : "card"} data-testid="out-card">
              <Title work={work} tag={t("v.out")} />
              <p class={late ? "overdue" : ""}>
                <strong>
                  {searched
                    ? t("v.searched")
                    : late
                      ? t("v.overdue")
                      : t("v.safe_until", { time: safe_until ? clockTime(safe_until, zone()) : "" })}
                </strong>
              </p>
              <Big
                text={t("v.check_out")}
                testid="check-out"
                onPress={() => act("check_out", { work: work.id }, null, t("v.check_out"))}
              />
              <Big
                plain
                text={t("v.extend", { n: Math.min(60, here.rules.extend_min) })}
                testid="extend"
                onPress={() =>
                  act("extend", { work: work.id, minutes: Math.min(60, here.rules.extend_min) }, null, t("v.check_out"))
                }
              />
            </article>
          );
        })}
    </>
  );
}

/** Calls that wait for yes or no; an answered one can be changed. */
export function Calls({ here }: { here: OwnVolunteer }) {
  // whoever is out, or back, has answered by deed
  const calls = here.calls.filter(({ state }) => state !== "on_site" && state !== "home");
  if (!calls.length) return null;
  return (
    <section aria-label={t("v.calls")}>
      <h2 class="phone-h">{t("v.calls")}</h2>
      {calls.map(({ call, work, reply_by, answer, state }) => (
        <article key={call} class="card" data-testid="call-card" data-answer={answer ?? ""}>
          <Title work={work} tag={answer ? word("answer", answer) : t("v.reply_by", { time: clockTime(reply_by, zone()) })} />
          <About here={here} work={work} />
          {answer && (
            <p class="answered">
              ✓ {t("v.answered", { answer: word("answer", answer) })}
              {state && answer === "yes" && ` · ${word("claim.state", state)}`}
            </p>
          )}
          {(!answer || answer === "no") && (
            <Big text={t("v.yes")} testid="call-yes" onPress={() => act("yes", { call }, null, work.title)} />
          )}
          {(!answer || answer === "yes") && (
            <Big plain text={t("v.no")} testid="call-no" onPress={() => act("no", { call }, null, work.title)} />
          )}
        </article>
      ))}
    </section>
  );
}

export function Mine({ here }: { here: OwnVolunteer }) {
  const mine = here.mine.filter((one) => one.state !== "on_site");
  if (!mine.length) return null;
  return (
    <section aria-label={t("v.mine")}>
      <h2 class="phone-h">{t("v.mine")}</h2>
      {mine.map((one) => {
        const { work, state } = one;
        const now = eventNow();
        const soon =
          work.state !== "cancelled" && Date.parse(work.starts_at) - EARLY_MS <= now && now <= Date.parse(work.ends_at);
        return (
          <article key={work.id} class="card" data-testid="claim-card" data-state={state}>
            <Title work={work} tag={word("claim.state", state)} />
            <About here={here} work={work} />
            {state === "home" && <p class="soft">{t("vo.minutes", { n: one.minutes })}</p>}
            {["claimed", "missed"].includes(state) && soon && (
              <Big
                text={t("v.check_in")}
                testid="check-in"
                onPress={() => act("check_in", { work: work.id }, null, t("v.check_in"))}
              />
            )}
            {["claimed", "waiting"].includes(state) && work.state === "open" && (
              <Big
                plain
                text={t("v.withdraw")}
                testid="withdraw"
                onPress={() => act("withdraw", { work: work.id }, null, t("v.withdraw"))}
              />
            )}
            {one.rating_of_volunteer !== null && (
              <p class="soft">
                {t("v.rated", { stars: one.rating_of_volunteer })} {one.said}
              </p>
            )}
            {state === "home" && one.rating_of_work === null && <Rate work={work} />}
          </article>
        );
      })}
    </section>
  );
}

function Rate({ work }: { work: VolunteerWork }) {
  const [text, setText] = useState("");
  return (
    <details>
      <summary>{t("v.rate")}</summary>
      <label class="field">
        <span>{t("v.rate.text")}</span>
        <textarea rows={2} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <div class="beside stars">
        {[1, 2, 3, 4, 5].map((stars) => (
          <button
            key={stars}
            type="button"
            class="plain-button"
            aria-label={t("v.stars", { n: stars })}
            data-testid={`stars-${stars}`}
            onClick={() => void act("rate", { work: work.id, stars, text }, null, t("v.rate"))}
          >
            {stars} ★
          </button>
        ))}
      </div>
    </details>
  );
}

export function Offers({ here }: { here: OwnVolunteer }) {
  return (
    <section aria-label={t("v.offers")}>
      <h2 class="phone-h">{t("v.offers")}</h2>
      {!here.offers.length && <p class="nothing">{t("v.offers.none")}</p>}
      {here.offers.map((work) => (
        <article key={work.id} class="card" data-testid="offer-card" data-work={work.id}>
          <Title work={work} tag={t("v.places", { taken: work.taken, places: work.places })} />
          <About here={here} work={work} />
          {work.waiting > 0 && <p class="soft">{t("v.waiting", { n: work.waiting })}</p>}
          <Big
            text={work.taken < work.places ? t("v.claim") : t("v.claim.wait")}
            testid="claim"
            onPress={() => act("claim", { work: work.id }, null, t("v.claim"))}
          />
        </article>
      ))}
    </section>
  );
}
