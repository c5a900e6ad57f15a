/** Learning items: pushing them to a group, and who has read and understood. */

import { useState } from "preact/hooks";
import { named, t, word } from "../i18n";
import { session, territory } from "../state";
import { Nothing, Time } from "../ui/pieces";
import { learning, order, roster, skillName } from "./state";

const ROLES = ["volunteer", "grid_worker", "crew", "village_officer", "resident", "firm"] as const;

export function LearningList() {
  const known = learning.value.value;
  return (
    <>
      <Push />
      {!known?.length && <Nothing loaded={known !== null} failed={learning.failed.value} text={t("vo.learning.none")} />}
      {known?.map((item) => (
        <article key={item.id} class={item.withdrawn_at ? "volunteer ended" : "volunteer"} data-testid="vo-item">
          <header>
            <strong>{item.title}</strong>
            <span class="spring" />
            <Time at={item.at} />
          </header>
          <p class="learning-body">{item.body}</p>
          <p class="soft">
            {item.territory_name} · {item.group.role ? word("role", item.group.role) : t("vo.push.everybody")}
            {item.group.skill && ` · ${skillName(item.group.skill)}`}
          </p>
          <div class="volunteers-tools">
            <strong data-testid="vo-item-read">{t("vo.read", { read: item.read, people: item.people, understood: item.understood })}</strong>
            <span class="spring" />
            {item.withdrawn_at ? (
              <span class="tag">{t("vo.withdrawn")}</span>
            ) : (
              <button type="button" class="quiet small" onClick={() => void order(`/learning/${item.id}/withdraw`, {})}>
                {t("vo.withdraw")}
              </button>
            )}
          </div>
        </article>
      ))}
    </>
  );
}

function Push() {
  const empty = { title: "", body: "", role: "volunteer", skill: "", tell: true };
  const [given, setGiven] = useState({ ...empty, territory: session.value.value?.account?.territory ?? "" });
  const units = (territory.value.value?.features ?? []).map((feature) => feature.properties);
  const set = (name: keyof typeof given) => (event: { currentTarget: { value: string } }) =>
    setGiven({ ...given, [name]: event.currentTarget.value });
  const send = async (event: Event) => {
    event.preventDefault();
    if (await order("/learning", given)) setGiven({ ...given, ...empty });
  };
  return (
    <details class="push">
      <summary data-testid="vo-push">{t("vo.push")}</summary>
      <form class="form-grid" onSubmit={(event) => void send(event)}>
        <label class="field whole">
          <span>{t("vo.push.title")}</span>
          <input required maxLength={80} value={given.title} data-testid="vo-push-title" onInput={set("title")} />
        </label>
        <label class="field whole">
          <span>{t("vo.push.body")}</span>
          <textarea required rows={4} maxLength={4000} value={given.body} data-testid="vo-push-body" onInput={set("body")} />
        </label>
        <label class="field">
          <span>{t("vo.push.area")}</span>
          <select required value={given.territory} onChange={set("territory")}>
            {units.map((unit) => (
              <option key={unit.code} value={unit.code}>
                {named(unit)}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{t("vo.push.role")}</span>
          <select value={given.role} onChange={set("role")}>
            <option value="">{t("vo.push.everybody")}</option>
            {ROLES.map((role) => (
              <option key={role} value={role}>
                {word("role", role)}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{t("vo.skill")}</span>
          <select value={given.skill} onChange={set("skill")}>
            <option value="">{t("vo.skill.any")}</option>
            {(roster.value.value?.rules.skills ?? []).map((skill) => (
              <option key={skill.id} value={skill.id}>
                {skillName(skill.id)}
              </option>
            ))}
          </select>
        </label>
        <label class="check whole">
          <input
            type="checkbox"
            checked={given.tell}
            data-testid="vo-push-tell"
            onChange={(event) => setGiven({ ...given, tell: event.currentTarget.checked })}
          />
          {t("vo.push.tell")}
        </label>
        <footer class="actions whole">
          <button type="submit" class="primary" data-testid="vo-push-send">
            {t("vo.push")}
          </button>
        </footer>
      </form>
    </details>
  );
}
