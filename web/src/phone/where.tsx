/** Where I am: by the phone's own position, or a place or village chosen from a list. */

import { useEffect, useRef, useState } from "preact/hooks";
import { named, t } from "../i18n";
import { shortVillage } from "../map/data";
import { session } from "../state";
import { places, territory } from "./state";

export type Where =
  | { by: "position"; lon: number; lat: number; accuracy: number }
  | { by: "place"; place: string; name: string }
  | { by: "territory"; territory: string; name: string };

/** The part of the body that says where it is, as the service takes it. */
export function whereBody(where: Where): Record<string, unknown> {
  if (where.by === "position") return { lon: where.lon, lat: where.lat, accuracy_m: where.accuracy };
  return where.by === "place" ? { place: where.place } : { territory: where.territory };
}

const SUGGESTIONS = 8;

type Choice = { where: Where; name: string; beside: string };

/** Villages and hazard places whose name holds what was typed. */
function choices(typed: string): Choice[] {
  const units = (territory.value.value?.features ?? []).map((one) => one.properties);
  const names = new Map(units.map((unit) => [unit.code, named(unit)]));
  const villages = units
    .filter((unit) => unit.level === "village")
    .map((unit): Choice => {
      const name = shortVillage(named(unit));
      return { where: { by: "territory", territory: unit.code, name }, name, beside: names.get(unit.parent) ?? "" };
    });
  const spots = (places.value.value?.features ?? []).map(({ properties }): Choice => {
    const name = named(properties);
    return { where: { by: "place", place: properties.id, name }, name, beside: names.get(properties.territory) ?? "" };
  });
  const wanted = typed.trim().toLowerCase();
  return [...spots, ...villages].filter((one) => `${one.name}${one.beside}`.toLowerCase().includes(wanted)).slice(0, SUGGESTIONS);
}

/** The village that an account belongs to: where its people are unless they say otherwise. */
function ownVillage(): Where | null {
  const code = session.value.peek()?.account?.territory;
  const unit = territory.value.value?.features.map((one) => one.properties).find((one) => one.code === code);
  return unit?.level === "village" ? { by: "territory", territory: unit.code, name: shortVillage(named(unit)) } : null;
}

/** How long a fix may take, and how old one may be that is used again, ms. */
const LONGEST = 12_000;
const RECENT = 60_000;

export function WhereField(props: {
  where: Where | null;
  onWhere: (where: Where | null) => void;
  /** Told while the phone looks for its position and nothing else is chosen. */
  onLocating?: (locating: boolean) => void;
}) {
  const { where, onWhere } = props;
  const [state, setState] = useState<"idle" | "locating" | "failed">("idle");
  const [typed, setTyped] = useState("");
  const chosen = useRef(false);
  const locate = (instead: Where | null) => {
    const end = (failed: boolean) => {
      setState(failed ? "failed" : "idle");
      props.onLocating?.(false);
      if (failed && instead && !chosen.current) onWhere(instead);
    };
    // plain HTTP pages have no position; the list below is then the way
    if (!("geolocation" in navigator)) return end(true);
    setState("locating");
    props.onLocating?.(true);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        end(false);
        if (!chosen.current) onWhere({ by: "position", lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy });
      },
      () => end(true),
      { enableHighAccuracy: true, timeout: LONGEST, maximumAge: RECENT },
    );
  };
  useEffect(() => locate(ownVillage()), []);
  const choose = (next: Where | null) => {
    chosen.current = true;
    props.onLocating?.(false);
    onWhere(next);
  };
  const listed = typed && where?.by !== "territory" && where?.by !== "place" ? choices(typed) : [];
  return (
    <div class="where-field">
      <button type="button" class="big" disabled={state === "locating"} data-testid="report-here"
        onClick={() => {
          chosen.current = false;
          locate(null);
        }}
      >
        {state === "locating" ? t("phone.report.locating") : t("phone.report.here")}
      </button>
      {where?.by === "territory" && !typed && (
        <p class="answered">✓ {t("phone.report.own_village", { name: where.name })}</p>
      )}
      {state === "failed" && !where && <p class="warning-note" role="alert">{t("phone.report.no_location")}</p>}
      {where?.by === "position" && (
        <p class="answered">✓ {t("phone.report.located", { m: Math.round(where.accuracy) })}</p>
      )}
      <label class="field">
        <span>{t("phone.report.choose")}</span>
        <input
          type="search"
          value={typed}
          placeholder={t("phone.report.choose_hint")}
          data-testid="report-where"
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            choose(null);
          }}
        />
      </label>
      {listed.length > 0 && (
        <ul class="suggestions">
          {listed.map((choice) => (
            <li key={choice.name + choice.beside}>
              <button
                type="button"
                data-testid="report-suggestion"
                onClick={() => {
                  setTyped(choice.name);
                  choose(choice.where);
                }}
              >
                {choice.name} <small>{choice.beside}</small>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
