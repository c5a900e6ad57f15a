/** Registering as a volunteer: name, number, home, skills, times, consent. */

import { useState } from "preact/hooks";
import type { VolunteerRules, Window } from "../../api/volunteer";
import { language, named, t } from "../../i18n";
import { eventNow, session } from "../../state";
import { territory } from "../state";
import { act } from "./known";
import { TimesField } from "./times";

export function Register({ rules }: { rules: VolunteerRules }) {
  const home = session.value.value?.account?.territory ?? "";
  const units = (territory.value.value?.features ?? [])
    .map((feature) => feature.properties)
    .filter((unit) => unit.level === "village");
  const [name, setName] = useState("");
  const [phone, setPhone] = useState("");
  const [where, setWhere] = useState(units.some((unit) => unit.code === home) ? home : "");
  const [skills, setSkills] = useState<Record<string, string>>({});
  const [times, setTimes] = useState<readonly Window[]>([]);
  const [consent, setConsent] = useState(false);
  const [busy, setBusy] = useState(false);
  const today = new Date(eventNow()).toISOString().slice(0, 10);
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const rows = Object.entries(skills).map(([skill, learned_at]) => ({ skill, learned_at }));
    const given = { name, phone, territory: where, consent, times, skills: rows, language: language.value };
    await act("apply", given, null, t("v.register"));
    setBusy(false);
  };
  const tick = (id: string, on: boolean) => {
    const { [id]: _, ...others } = skills;
    setSkills(on ? { ...others, [id]: today } : others);
  };
  return (
    <form class="card" onSubmit={(event) => void send(event)} data-testid="register">
      <h2>{t("v.register")}</h2>
      <p class="soft">{t("v.register.about", { months: rules.keep_months })}</p>
      <label class="field">
        <span>{t("v.name")}</span>
        <input required maxLength={40} autocomplete="name" value={name} data-testid="v-name" onInput={(e) => setName(e.currentTarget.value)} />
      </label>
      <label class="field">
        <span>{t("v.phone")}</span>
        <input required type="tel" inputMode="tel" autocomplete="tel" maxLength={20} value={phone} data-testid="v-phone" onInput={(e) => setPhone(e.currentTarget.value)} />
      </label>
      <label class="field">
        <span>{t("v.home")}</span>
        <select required value={where} data-testid="v-home" onChange={(e) => setWhere(e.currentTarget.value)}>
          <option value="" />
          {units.map((unit) => (
            <option key={unit.code} value={unit.code}>
              {named(unit)}
            </option>
          ))}
        </select>
      </label>
      <fieldset class="field">
        <legend>{t("v.skills")}</legend>
        {rules.skills.map((skill) => (
          <div key={skill.id} class="skill-row">
            <label class="tick">
              <input type="checkbox" checked={skill.id in skills} onChange={(e) => tick(skill.id, e.currentTarget.checked)} />
              {language.value === "en" ? skill.title_en : skill.title}
            </label>
            {skill.id in skills && (
              <label class="field">
                <span>{t("v.learned_at")}</span>
                <input
                  type="date"
                  required
                  max={today}
                  value={skills[skill.id]}
                  onInput={(e) => setSkills({ ...skills, [skill.id]: e.currentTarget.value })}
                />
              </label>
            )}
            {skill.id in skills && skill.proof && <p class="soft">{t("v.proof")}</p>}
          </div>
        ))}
      </fieldset>
      <TimesField times={times} onTimes={setTimes} />
      <label class="tick">
        <input type="checkbox" required checked={consent} data-testid="v-consent" onChange={(e) => setConsent(e.currentTarget.checked)} />
        {t("v.consent")}
      </label>
      <button type="submit" class="big primary" disabled={busy} data-testid="v-send">
        {t("v.send")}
      </button>
    </form>
  );
}
