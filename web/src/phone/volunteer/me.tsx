/** My registration: hours, record, skills with their end, times, leaving. */

import { useState } from "preact/hooks";
import type { OwnVolunteer } from "../../api/volunteer";
import { language, t, word } from "../../i18n";
import { eventNow, zone } from "../../state";
import { day, fromInput } from "../../time";
import { PhotoField } from "../photo";
import { act, skillName } from "./known";
import { TimesField } from "./times";

export function Me({ here }: { here: OwnVolunteer }) {
  const me = here.volunteer;
  const [leaving, setLeaving] = useState(false);
  if (!me) return null;
  return (
    <section class="card" aria-label={t("v.me")} data-testid="v-me">
      <header>
        <h2>{t("v.me")}</h2>
        <span class="tag">{word("volunteer.state", me.state)}</span>
      </header>
      <p>
        {me.id} · {me.territory_name}
      </p>
      {me.synthetic && <p class="soft">{t("v.synthetic")}</p>}
      <p>
        <strong>{t("v.hours", { hours: (me.minutes / 60).toFixed(1) })}</strong> · {t("v.record", { ...me.past })}
      </p>
      <ul class="plain">
        {me.skills.map((one) => (
          <li key={one.skill} data-testid="v-skill" data-state={one.state}>
            {skillName(here.rules.skills, one.skill)} · {word("skill.state", one.state)}
            {one.expires_at && ` · ${t("v.until", { day: one.expires_at.slice(0, 10) })}`}
            {one.soon && ` · ${t("v.soon")}`}
          </li>
        ))}
      </ul>
      <AddSkill here={here} />
      <TimesField times={me.times} onTimes={(times) => void act("times", { times }, null, t("v.times"))} />
      <Away until={me.away_until} />
      {leaving ? (
        <>
          <p class="overdue">{t("v.leave.sure")}</p>
          <button type="button" class="plain-button" data-testid="v-leave-sure" onClick={() => void act("leave", {}, null, t("v.leave"))}>
            {t("v.leave")}
          </button>
          <button type="button" class="plain-button" onClick={() => setLeaving(false)}>
            {t("cancel")}
          </button>
        </>
      ) : (
        <button type="button" class="plain-button" data-testid="v-leave" onClick={() => setLeaving(true)}>
          {t("v.leave")}
        </button>
      )}
    </section>
  );
}

function Away({ until }: { until: string | null }) {
  const [date, setDate] = useState("");
  if (until && Date.parse(until) > eventNow()) {
    return (
      <button type="button" class="plain-button" onClick={() => void act("away", {}, null, t("v.away.back"))}>
        {t("v.away.back")} ({day(until, zone(), language.value)})
      </button>
    );
  }
  return (
    <details>
      <summary>{t("v.away")}</summary>
      <label class="field">
        <span>{t("v.away")}</span>
        <input type="date" value={date} onInput={(event) => setDate(event.currentTarget.value)} />
      </label>
      <button
        type="button"
        class="plain-button"
        disabled={!date}
        onClick={() => void act("away", { until: fromInput(`${date}T00:00`, zone()) }, null, t("v.away"))}
      >
        {t("v.save")}
      </button>
    </details>
  );
}

function AddSkill({ here }: { here: OwnVolunteer }) {
  const today = new Date(eventNow()).toISOString().slice(0, 10);
  const [skill, setSkill] = useState("");
  const [learned_at, setLearned] = useState(today);
  const [photo, setPhoto] = useState<Blob | null>(null);
  const add = async (event: Event) => {
    event.preventDefault();
    if (await act("skill", { skill, learned_at }, photo, t("v.add_skill"))) {
      setSkill("");
      setPhoto(null);
    }
  };
  return (
    <details data-testid="v-add-skill">
      <summary>{t("v.add_skill")}</summary>
      <form onSubmit={(event) => void add(event)}>
        <label class="field">
          <span>{t("v.skills")}</span>
          <select required value={skill} onChange={(event) => setSkill(event.currentTarget.value)}>
            <option value="" />
            {here.rules.skills.map((one) => (
              <option key={one.id} value={one.id}>
                {skillName(here.rules.skills, one.id)}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{t("v.learned_at")}</span>
          <input type="date" required max={today} value={learned_at} onInput={(event) => setLearned(event.currentTarget.value)} />
        </label>
        <PhotoField photo={photo} onPhoto={setPhoto} />
        <button type="submit" class="big primary">
          {t("v.add")}
        </button>
      </form>
    </details>
  );
}
