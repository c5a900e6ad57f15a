/** Roads closed or opened by hand 人工封路与放行: what is in force, saying it, taking it back. */

import { useEffect } from "preact/hooks";
import { get, post } from "../api/http";
import { named, t, word } from "../i18n";
import { showOnMap } from "../map/view";
import { eventNow, live, may } from "../state";
import { ask } from "../ui/ask";
import { Section, Time } from "../ui/pieces";
import { attempt } from "../ui/toast";
import type { At, RoadOrder, Stretch } from "./shapes";
import { pickedRoad, picking, stretch } from "./state";

const HOURS = ["1", "3", "6", "12", "24", "72"];
const MOST_OPEN = 24;

export function RoadOrders() {
  const found = live.roadOrders.value.value ?? [];
  useEffect(() => void live.roadOrders.refresh(), []);
  useEffect(() => {
    if (pickedRoad.value) void order(pickedRoad.value);
  }, [pickedRoad.value]);
  return (
    <Section title={t("roads.by_hand")} count={found.length}>
      <ul class="plain-list" data-testid="road-orders">
        {found.map((one) => (
          <Order key={one.id} one={one} />
        ))}
        {!found.length && <li class="nothing">{t("roads.none")}</li>}
      </ul>
      {may("command") && (
        <footer class="actions">
          <button
            type="button"
            aria-pressed={picking.value === "road"}
            data-testid="pick-road"
            onClick={() => (picking.value = picking.value === "road" ? null : "road")}
          >
            {picking.value === "road" ? t("roads.picking") : t("roads.order")}
          </button>
        </footer>
      )}
    </Section>
  );
}

function Order({ one }: { one: RoadOrder }) {
  const lift = async () => {
    const sure = await ask({ title: `${t("roads.lift")} · ${name(one)}`, fields: [], confirm: t("roads.lift") });
    if (sure) await attempt(post(`/roads/by-hand/${one.id}/lift`, {}), t("roads.lifted"));
    await live.roadOrders.refresh();
  };
  const first = one.lines[0]?.[0];
  return (
    <li data-testid="road-order" data-effect={one.effect}>
      <span class={`effect effect-${one.effect === "closed" ? "closed" : "open"}`}>{word("roads.effect", one.effect)}</span>
      <span>
        {first ? (
          <button type="button" class="quiet" onClick={() => showOnMap(...first)}>
            {name(one)}
          </button>
        ) : (
          <span class="warn-text">{t("roads.lost", { road: one.road })}</span>
        )}
        <br />
        <span class="soft small-print">
          {one.reason || t("roads.erased")} · {one.territory_name} · {one.by_name}
        </span>
      </span>
      <span class="spring" />
      <span class="soft">
        {t("roads.until")} <Time at={one.until} />
      </span>
      {one.mine && (
        <button type="button" class="small" data-testid="lift-road" onClick={() => void lift()}>
          {t("roads.lift")}
        </button>
      )}
    </li>
  );
}

function name(one: { road_name: string; road_name_en: string }): string {
  return named({ name: one.road_name, name_en: one.road_name_en });
}

/** What to do with the road that was clicked on. */
async function order(at: At): Promise<void> {
  pickedRoad.value = null;
  const spot = at.map((degrees) => degrees.toFixed(6)).join(",");
  const found = await attempt(get<Stretch>(`/roads/at?at=${spot}`));
  if (!found) return;
  stretch.value = { at, found };
  const answer = await ask({
    title: `${t("roads.order")} · ${named(found)}`,
    detail: (
      <p>
        {t("roads.stretch", { m: found.length_m })} {found.synthetic && <em>{t("route.synthetic")}</em>}
      </p>
    ),
    fields: [
      {
        name: "effect",
        label: t("roads.effect"),
        required: true,
        choices: [
          { value: "closed", label: t("roads.effect.closed") },
          { value: "open", label: t("roads.effect.open_long") },
        ],
      },
      {
        name: "part",
        label: t("roads.part"),
        required: true,
        choices: [
          { value: "stretch", label: t("roads.part.stretch") },
          { value: "whole", label: t("roads.part.whole") },
        ],
      },
      {
        name: "hours",
        label: t("roads.hours"),
        required: true,
        choices: HOURS.map((hours) => ({
          value: hours,
          label: t(Number(hours) > MOST_OPEN ? "roads.n_hours_closed" : "roads.n_hours", { n: hours }),
        })),
      },
      { name: "reason", label: t("roads.reason"), required: true, lines: 2 },
    ],
    confirm: t("roads.say"),
    tone: "grave",
  });
  stretch.value = null;
  if (!answer) return;
  const until = new Date(eventNow() + Number(answer.hours) * 3_600_000).toISOString();
  const said = { at: spot, effect: answer.effect, whole: answer.part === "whole", until, reason: answer.reason };
  await attempt(post("/roads/by-hand", said, crypto.randomUUID()), t("roads.said"));
  await live.roadOrders.refresh();
}
