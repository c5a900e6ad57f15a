/** An alert written by hand: it becomes a draft and goes the same way as any other. */

import { useState } from "preact/hooks";
import { COLOURS, EVENTS } from "./choices";
import { get, post } from "../api/http";
import { named, t, word } from "../i18n";
import { startDrawing } from "../map/drawing-state";
import { live, session, territory } from "../state";
import { Dialog } from "../ui/dialog";
import { attempt, refused } from "../ui/toast";

export function WriteAlert({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState({
    event: EVENTS[0] as string,
    colour: "blue",
    area: session.value.value?.account?.territory ?? "",
    headline: "",
    description: "",
    instruction: "",
    headline_en: "",
    description_en: "",
    hours: "12",
  });
  const [onlyWater, setOnlyWater] = useState(false);
  const [onMap, setOnMap] = useState(false);
  const units = (territory.value.value?.features ?? [])
    .map((feature) => feature.properties)
    .filter((unit) => unit.level !== "village");
  const set = (name: keyof typeof draft) => (event: { currentTarget: { value: string } }) =>
    setDraft({ ...draft, [name]: event.currentTarget.value });
  const save = async (event: Event) => {
    event.preventDefault();
    let polygon: unknown = null;
    if (onlyWater) {
      const water = await attempt(get<{ polygon: unknown }>(`/water-outline?area=${draft.area}`));
      if (!water) return;
      if (!water.polygon) return refused(t("alert.no_water"));
      polygon = water.polygon;
    }
    const body = { ...draft, polygon, hours: Number(draft.hours) };
    const made = await attempt(post<{ id: string }>("/alerts", body), t("alerts.written"));
    if (!made) return;
    await live.alerts.refresh();
    onClose();
    const alert = onMap && live.alerts.value.peek()?.find((one) => one.id === made.id);
    if (alert) await startDrawing(alert);
  };
  return (
    <Dialog title={t("alerts.write")} onClose={onClose}>
      <form onSubmit={(event) => void save(event)} class="form-grid">
        <label class="field">
          <span>{t("alert.event")}</span>
          <select value={draft.event} onChange={set("event")}>
            {EVENTS.map((event) => <option key={event} value={event}>{word("event", event)}</option>)}
          </select>
        </label>
        <label class="field">
          <span>{t("alert.colour")}</span>
          <select value={draft.colour} onChange={set("colour")}>
            {COLOURS.map((colour) => <option key={colour} value={colour}>{word("colour", colour)}</option>)}
          </select>
        </label>
        <label class="field">
          <span>{t("alert.area")}</span>
          <select value={draft.area} onChange={set("area")}>
            {units.map((unit) => <option key={unit.code} value={unit.code}>{named(unit)}</option>)}
          </select>
        </label>
        <label class="field">
          <span>{t("alert.hours")}</span>
          <input type="number" min="1" max="72" required value={draft.hours} onInput={set("hours")} />
        </label>
        <label class="whole">
          <input
            type="checkbox"
            data-testid="only-water"
            checked={onlyWater}
            onChange={(event) => setOnlyWater(event.currentTarget.checked)}
          />{" "}
          {t("alert.only_water")}
        </label>
        <label class="whole">
          <input
            type="checkbox"
            data-testid="draw-after"
            checked={onMap}
            onChange={(event) => setOnMap(event.currentTarget.checked)}
          />{" "}
          {t("draw.map")}
        </label>
        <label class="field whole">
          <span>{t("alert.headline")}</span>
          <input required value={draft.headline} onInput={set("headline")} />
        </label>
        <label class="field whole">
          <span>{t("alert.description")}</span>
          <textarea required rows={3} value={draft.description} onInput={set("description")} />
        </label>
        <label class="field whole">
          <span>{t("alert.instruction")}</span>
          <textarea rows={3} value={draft.instruction} onInput={set("instruction")} />
        </label>
        <details class="whole">
          <summary>{t("alert.english")}</summary>
          <label class="field">
            <span>{t("alert.headline_en")}</span>
            <input lang="en" value={draft.headline_en} onInput={set("headline_en")} />
          </label>
          <label class="field">
            <span>{t("alert.description_en")}</span>
            <textarea lang="en" rows={2} value={draft.description_en} onInput={set("description_en")} />
          </label>
        </details>
        <footer class="actions whole">
          <button type="button" onClick={onClose}>{t("cancel")}</button>
          <button type="submit" class="primary">{t("alerts.write_save")}</button>
        </footer>
      </form>
    </Dialog>
  );
}
