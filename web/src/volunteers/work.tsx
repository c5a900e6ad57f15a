/** One piece of work: what to expect, who is out there, who was called and what they answered. */

import { useState } from "preact/hooks";
import type { WorkDetail } from "../api/volunteer";
import { language, t, word } from "../i18n";
import { openCase } from "../panels/chosen";
import { zone } from "../state";
import { dayTime, clockTime } from "../time";
import { Dialog } from "../ui/dialog";
import { Nothing, percent, Time } from "../ui/pieces";
import { Composer } from "./composer";
import { asked, open, opened, skillName, whyWords } from "./state";

const STARS = [5, 4, 3, 2, 1].map((n) => ({ value: String(n), label: `${n} ★` }));

/** The case in its drawer: this page would cover it. */
function showCase(id: string): void {
  open(null);
  openCase(id);
}

export function WorkPage() {
  const here = opened.value;
  const [calling, setCalling] = useState(false);
  if (!here) return null;
  const work = here.detail.value.value;
  return (
    <Dialog wide title={work?.title ?? here.id} onClose={() => open(null)} testid="vo-work">
      {!work ? (
        <Nothing loaded={false} failed={here.detail.failed.value} text="" />
      ) : (
        <>
          <Head work={work} />
          {calling && <Composer work={work} onClose={() => setCalling(false)} />}
          {!calling && work.state === "open" && (
            <div class="volunteers-tools">
              <button type="button" class="primary" data-testid="vo-call" onClick={() => setCalling(true)}>
                {t("vo.call.preview")}
              </button>
              <span class="spring" />
              <Endings work={work} />
            </div>
          )}
          {!calling && work.state === "ended" && (
            <div class="volunteers-tools">
              <Finish work={work} />
            </div>
          )}
          <Claims work={work} />
          <Calls work={work} />
        </>
      )}
    </Dialog>
  );
}

function Head({ work }: { work: WorkDetail }) {
  const { outlook } = work;
  const chance = percent(outlook.enough);
  return (
    <header class="volunteers-head">
      <p>
        <span class="tag">{word("work.state", work.state)}</span>
        {work.status === "Exercise" && <span class="tag">演练 EXERCISE</span>}
        <span>{work.place_name ?? work.territory_name}</span>
        <span>
          {dayTime(work.starts_at, zone(), language.value)} – {clockTime(work.ends_at, zone())}
        </span>
        {work.skill && <span>{t("v.needs", { skill: skillName(work.skill) })}</span>}
        <span>{t("v.places", { taken: work.taken, places: work.places })}</span>
        {work.case && (
          <button type="button" class="quiet small" onClick={() => showCase(work.case!)}>
            {work.case}
          </button>
        )}
      </p>
      {work.detail && <p>{work.detail}</p>}
      <p data-testid="vo-expect">
        <strong>{t("vo.expect", { ...outlook, mean: outlook.mean.toFixed(1), needed: work.needed, chance })}</strong>
        {outlook.silent > 0 && ` · ${t("vo.silent", { n: outlook.silent })}`}
      </p>
    </header>
  );
}

function Finish({ work }: { work: WorkDetail }) {
  return (
    <button
      type="button"
      data-testid="vo-finish"
      onClick={() =>
        void asked(`/volunteer-work/${work.id}/finish`, {
          title: t("vo.finish"),
          fields: [{ name: "text", label: t("vo.finish.text"), required: true }],
          confirm: t("vo.finish"),
        })
      }
    >
      {t("vo.finish")}
    </button>
  );
}

function Endings({ work }: { work: WorkDetail }) {
  return (
    <>
      <Finish work={work} />
      <button
        type="button"
        class="quiet"
        data-testid="vo-cancel"
        onClick={() =>
          void asked(`/volunteer-work/${work.id}/cancel`, {
            title: t("vo.cancel_work"),
            fields: [{ name: "reason", label: t("vo.reason"), required: true }],
            confirm: t("vo.cancel_work"),
            tone: "grave",
          })
        }
      >
        {t("vo.cancel_work")}
      </button>
    </>
  );
}

function Claims({ work }: { work: WorkDetail }) {
  return (
    <section>
      <h3>{t("vo.claims")}</h3>
      {!work.claims.length && <p class="nothing">{t("vo.claims.none")}</p>}
      <table class="table">
        <tbody>
          {work.claims.map((one) => (
            <tr key={one.volunteer} class={one.overdue ? "overdue" : ""} data-testid="vo-claim" data-state={one.state}>
              <td>
                {one.volunteer} {one.name}
              </td>
              <td>
                <span class="tag">{word("claim.state", one.state)}</span>
              </td>
              <td>
                {one.state === "on_site" && one.safe_until && (
                  <span>{t("vo.safe", { time: clockTime(one.safe_until, zone()) })}</span>
                )}
                {one.search_case && (
                  <button type="button" class="quiet small" onClick={() => showCase(one.search_case!)}>
                    {t("vo.search", { id: one.search_case })}
                  </button>
                )}
                {one.state === "home" &&
                  (one.minutes === one.minutes_journal
                    ? t("vo.minutes", { n: one.minutes })
                    : t("vo.minutes_corrected", { n: one.minutes, journal: one.minutes_journal }))}
                {one.rating_of_work !== null && ` · ${one.rating_of_work} ★ ${one.said}`}
              </td>
              <td class="number">
                <ClaimActions work={work} one={one} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function ClaimActions({ work, one }: { work: WorkDetail; one: WorkDetail["claims"][number] }) {
  const path = `/volunteer-work/${work.id}`;
  const who = { volunteer: one.volunteer };
  const reason = { name: "reason", label: t("vo.reason"), required: true, lines: 2 };
  return (
    <>
      {one.state === "on_site" && (
        <button
          type="button"
          class="small"
          data-testid="vo-check-out"
          onClick={() =>
            void asked(
              `${path}/check_out`,
              {
                title: `${t("vo.check_out")} · ${one.volunteer}`,
                fields: [{ ...reason, label: t("vo.check_out.reason") }],
                confirm: t("vo.check_out"),
              },
              who,
            )
          }
        >
          {t("vo.check_out")}
        </button>
      )}
      {one.state === "home" && one.rating_of_volunteer === null && (
        <button
          type="button"
          class="small"
          onClick={() =>
            void asked(
              `${path}/rate`,
              {
                title: `${t("vo.rate")} · ${one.volunteer}`,
                fields: [
                  { name: "stars", label: t("vo.rate"), required: true, choices: STARS },
                  { name: "text", label: t("v.rate.text"), lines: 2 },
                ],
                confirm: t("vo.rate"),
              },
              who,
            )
          }
        >
          {t("vo.rate")}
        </button>
      )}
      {one.state === "home" && (
        <button
          type="button"
          class="small"
          data-testid="vo-correct"
          onClick={() =>
            void asked(
              `${path}/correct`,
              {
                title: `${t("vo.correct")} · ${one.volunteer}`,
                fields: [{ name: "minutes", label: t("vo.correct.minutes"), required: true, lines: 1 }, reason],
                confirm: t("vo.correct"),
              },
              who,
            )
          }
        >
          {t("vo.correct")}
        </button>
      )}
    </>
  );
}

function Calls({ work }: { work: WorkDetail }) {
  return (
    <>
      {work.calls.map((call) => (
        <section key={call.id} data-testid="vo-call-sent">
          <h3>
            {t("vo.call.sent", { n: call.asked.length })} ·{" "}
            {t("vo.called", { time: clockTime(call.at, zone()), time_by: clockTime(call.reply_by, zone()) })}
          </h3>
          <table class="table">
            <tbody>
              {call.asked.map((one) => (
                <tr key={one.volunteer} data-testid="vo-asked" data-answer={one.answer ?? ""}>
                  <td class="number">{one.rank}</td>
                  <td>
                    {one.volunteer} {one.name}
                  </td>
                  <td>
                    <small>{whyWords(one.reasons)}</small>
                  </td>
                  <td>{one.delivery && word("delivery", one.delivery)}</td>
                  <td class="number">
                    {one.answer ? <strong>{word("answer", one.answer)}</strong> : t("vo.no_answer")}{" "}
                    {one.answered_at && <Time at={one.answered_at} />}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ))}
    </>
  );
}
