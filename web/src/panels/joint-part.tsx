/** The part of a case drawer that a joint case has: which cities take part, tasks, signatures. */

import { useEffect, useState } from "preact/hooks";
import type { JointCase, JointCity } from "../api/firms";
import { get, post } from "../api/http";
import { language, named, t } from "../i18n";
import { live, may, zone } from "../state";
import { dayTime } from "../time";
import { ask } from "../ui/ask";
import { attempt } from "../ui/toast";

interface Neighbour {
  code: string;
  name: string;
  name_en: string;
}

export function JointPart({ id, state }: { id: string; state: string }) {
  const [item, setItem] = useState<JointCase | null>(null);
  const load = () => attempt(get<JointCase>(`/joint/${id}`)).then(setItem);
  useEffect(() => void load(), [id, state, live.tasks.value.value]);
  if (!item) return null;
  const invite = async () => {
    const known = (await attempt(get<Neighbour[]>("/neighbours"))) ?? [];
    const asked = known.filter((one) => !item.cities.some((city) => city.root === one.code));
    const answer = await ask({
      title: t("joint.invite"),
      fields: [{ name: "root", label: t("joint.invite.which"), required: true, choices: asked.map((one) => ({ value: one.code, label: named(one) })) }],
      confirm: t("joint.invite"),
    });
    if (!answer) return;
    await attempt(post(`/joint/${id}/join`, answer));
    await load();
  };
  const sign = async () => {
    const answer = await ask({ title: t("joint.sign"), fields: [{ name: "text", label: t("joint.what"), required: true }], confirm: t("joint.sign") });
    if (!answer) return;
    await attempt(post(`/joint/${id}/sign`, answer), t("joint.signed"));
    await Promise.all([load(), live.cases.refresh()]);
  };
  const ended = ["closed", "cancelled", "merged"].includes(item.state);
  return (
    <section data-testid="joint-part">
      <h3>{t("joint.title")}</h3>
      {item.cities.map((city) => (
        <City key={city.root} id={id} city={city} ended={ended} onTask={load} />
      ))}
      <footer class="actions">
        {!ended && may("decide") && (
          <button type="button" class="small" data-testid="joint-invite" onClick={() => void invite()}>
            {t("joint.invite")}
          </button>
        )}
        {item.may_sign && (
          <button type="button" class="small primary" data-testid="joint-sign" onClick={() => void sign()}>
            {t("joint.sign")}
          </button>
        )}
      </footer>
    </section>
  );
}

function City({ id, city, ended, onTask }: { id: string; city: JointCity; ended: boolean; onTask: () => unknown }) {
  const give = async () => {
    const answer = await ask({
      title: `${t("joint.task")} · ${named(city)}`,
      fields: [
        { name: "assignee", label: t("joint.task.to"), required: true, choices: city.partners.map((one) => ({ value: one.id, label: one.name })) },
        { name: "title", label: t("joint.task.what"), required: true, lines: 2 },
      ],
      confirm: t("joint.task"),
    });
    if (!answer) return;
    await attempt(post(`/joint/${id}/tasks`, answer));
    await Promise.all([onTask(), live.tasks.refresh(), live.cases.refresh()]);
  };
  return (
    <div class="task-line" data-testid="joint-city" data-root={city.root}>
      <p>
        <strong>{named(city)}</strong>{" "}
        <span class="tag">
          {city.signed_at ? t("joint.signed_at", { time: dayTime(city.signed_at, zone(), language.value) }) : t("joint.unsigned")}
        </span>
      </p>
      {city.partners.length > 0 && (
        <p class="soft">
          {city.partners.map((one) => `${one.name}${one.tasks ? ` (${one.tasks})` : ""}`).join("、")}{" "}
          {!ended && may("command") && (
            <button type="button" class="small" data-testid="joint-give" onClick={() => void give()}>
              {t("joint.task")}
            </button>
          )}
        </p>
      )}
    </div>
  );
}
