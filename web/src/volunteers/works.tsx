/** Work offered to volunteers: the list, and offering more. */

import { useState } from "preact/hooks";
import { named, t, word } from "../i18n";
import { eventNow, live, session, territory, zone } from "../state";
import { clockTime, fromInput, inputTime } from "../time";
import { Dialog } from "../ui/dialog";
import { Due, Nothing, Time } from "../ui/pieces";
import { open, order, roster, skillName, works } from "./state";

/** Who is out there now, whoever must report first on top. */
export function OutNow() {
  const out = (works.value.value ?? []).flatMap((work) => work.out.map((one) => ({ ...one, work })));
  if (!out.length) return null;
  out.sort((a, b) => ((a.safe_until ?? "") < (b.safe_until ?? "") ? -1 : 1));
  return (
    <ul class="plain out-now" data-testid="vo-out-list">
      {out.map((one) => (
        <li key={`${one.work.id}${one.volunteer}`} class={one.overdue ? "overdue" : ""}>
          <button type="button" class="quiet small" onClick={() => open(one.work.id)}>
            {one.volunteer} · {one.work.title}
          </button>
          {one.safe_until && (
            <span>
              {t("vo.safe", { time: clockTime(one.safe_until, zone()) })} · <Due at={one.safe_until} />
            </span>
          )}
          {one.search_case && <strong> {t("vo.search", { id: one.search_case })}</strong>}
        </li>
      ))}
    </ul>
  );
}

export function WorkList() {
  const known = works.value.value;
  if (!known?.length) {
    return <Nothing loaded={known !== null} failed={works.failed.value} text={t("vo.work.none")} />;
  }
  return (
    <>
      {known.map((work) => (
        <button
          key={work.id}
          type="button"
          class={work.overdue ? "case overdue" : "case"}
          data-testid="vo-work-card"
          data-work={work.id}
          onClick={() => open(work.id)}
        >
          <span class="case-title">
            <strong>
              {work.drill && `【${t("v.drill")}】`}
              {work.title}
            </strong>
          </span>
          <span class="case-line">
            <span class="tag">{word("work.state", work.state)}</span>
            <span>{work.place_name ?? work.territory_name}</span>
            {work.skill && <span>{skillName(work.skill)}</span>}
            <span>{t("v.places", { taken: work.taken, places: work.places })}</span>
            {work.waiting > 0 && <span>{t("v.waiting", { n: work.waiting })}</span>}
            {work.out.length > 0 && <span>{t("vo.out_now", { n: work.out.length })}</span>}
            <span class="spring" />
            <Time at={work.starts_at} />
          </span>
        </button>
      ))}
    </>
  );
}

export function OfferButton() {
  const [shown, setShown] = useState(false);
  return (
    <>
      <button type="button" class="primary" data-testid="vo-offer" onClick={() => setShown(true)}>
        {t("vo.offer")}
      </button>
      {shown && <Offer onClose={() => setShown(false)} />}
    </>
  );
}

function Offer({ onClose }: { onClose: () => void }) {
  const now = eventNow();
  const [given, setGiven] = useState({
    title: "",
    detail: "",
    where: session.value.value?.account?.territory ?? "",
    skill: "",
    from: inputTime(new Date(now + 3_600_000).toISOString(), zone()),
    to: inputTime(new Date(now + 5 * 3_600_000).toISOString(), zone()),
    needed: "6",
    safe_min: String(roster.value.value?.rules.safe_min ?? 180),
  });
  const [claim, setClaim] = useState(true);
  const [drill, setDrill] = useState(false);
  const units = (territory.value.value?.features ?? []).map((feature) => feature.properties);
  const places = (live.places.value.value?.features ?? []).map((feature) => feature.properties);
  const set = (name: keyof typeof given) => (event: { currentTarget: { value: string } }) =>
    setGiven({ ...given, [name]: event.currentTarget.value });
  const save = async (event: Event) => {
    event.preventDefault();
    const place = places.some((one) => one.id === given.where);
    const made = await order<{ id: string }>("/volunteer-work", {
      title: given.title,
      detail: given.detail,
      ...(place ? { place: given.where } : { territory: given.where }),
      skill: given.skill || null,
      starts_at: fromInput(given.from, zone()),
      ends_at: fromInput(given.to, zone()),
      needed: Number(given.needed),
      safe_min: Number(given.safe_min),
      self_claim: claim,
      drill,
    });
    if (!made) return;
    onClose();
    open(made.id);
  };
  return (
    <Dialog title={t("vo.offer")} onClose={onClose} testid="vo-offer-dialog">
      <form class="form-grid" onSubmit={(event) => void save(event)}>
        <label class="field whole">
          <span>{t("vo.title")}</span>
          <input required maxLength={80} value={given.title} data-testid="vo-title" onInput={set("title")} />
        </label>
        <label class="field whole">
          <span>{t("vo.detail")}</span>
          <textarea rows={2} maxLength={1000} value={given.detail} onInput={set("detail")} />
        </label>
        <label class="field">
          <span>{t("vo.where")}</span>
          <select required value={given.where} data-testid="vo-where" onChange={set("where")}>
            {units.map((unit) => (
              <option key={unit.code} value={unit.code}>
                {named(unit)}
              </option>
            ))}
            {places.map((place) => (
              <option key={place.id} value={place.id}>
                {named(place)}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{t("vo.skill")}</span>
          <select value={given.skill} data-testid="vo-skill" onChange={set("skill")}>
            <option value="">{t("vo.skill.any")}</option>
            {(roster.value.value?.rules.skills ?? []).map((skill) => (
              <option key={skill.id} value={skill.id}>
                {skillName(skill.id)}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{t("vo.from")}</span>
          <input type="datetime-local" required value={given.from} onInput={set("from")} />
        </label>
        <label class="field">
          <span>{t("vo.to")}</span>
          <input type="datetime-local" required value={given.to} onInput={set("to")} />
        </label>
        <label class="field">
          <span>{t("vo.needed")}</span>
          <input type="number" min="1" max="500" required value={given.needed} data-testid="vo-needed" onInput={set("needed")} />
        </label>
        <label class="field">
          <span>{t("vo.safe_min")}</span>
          <input type="number" min="5" max="1440" required value={given.safe_min} onInput={set("safe_min")} />
        </label>
        <label class="tick">
          <input type="checkbox" checked={claim} onChange={(event) => setClaim(event.currentTarget.checked)} />
          {t("vo.self_claim")}
        </label>
        <label class="tick">
          <input type="checkbox" checked={drill} onChange={(event) => setDrill(event.currentTarget.checked)} />
          {t("vo.drill")}
        </label>
        <footer class="actions whole">
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
          <button type="submit" class="primary" data-testid="vo-offer-save">
            {t("vo.offer")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
