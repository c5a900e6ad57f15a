/** Cases 事项: everything that must get an outcome. */

import { useState } from "preact/hooks";
import type { CaseItem } from "../api/contract";
import { t, word } from "../i18n";
import { live, may } from "../state";
import { Due, Nothing, Time } from "../ui/pieces";
import { openCase } from "./chosen";
import { newCase } from "./new-case";
import { kindName } from "./packs";
import { showPoints } from "./points-board";

const FILTERS = ["open", "resident", "late", "ended"] as const;
type Filter = (typeof FILTERS)[number];
const ENDED = new Set(["closed", "cancelled", "merged"]);

function passes(item: CaseItem, filter: Filter): boolean {
  const ended = ENDED.has(item.state);
  if (filter === "ended") return ended;
  if (ended) return false;
  if (filter === "resident") return item.source === "phone" || item.kind === "resident_report";
  return filter === "late" ? item.late || item.escalation > 0 : true;
}

export function Cases() {
  const [filter, setFilter] = useState<Filter>("open");
  const known = live.cases.value.value;
  const all = known ?? [];
  const listed = all.filter((item) => passes(item, filter));
  return (
    <div class="cases">
      <div class="filters" role="group" aria-label={t("filter")}>
        {FILTERS.map((name) => (
          <button
            key={name}
            type="button"
            class={filter === name ? "on" : ""}
            aria-pressed={filter === name}
            onClick={() => setFilter(name)}
          >
            {t(`cases.${name}`)} <span>{all.filter((item) => passes(item, name)).length}</span>
          </button>
        ))}
        <span class="spring" />
        {may("command") && (
          <>
            <button type="button" data-testid="points-open" onClick={showPoints}>
              {t("points.title")}
            </button>
            <button type="button" class="primary" data-testid="new-case-open" onClick={() => newCase()}>
              {t("case.new")}
            </button>
          </>
        )}
      </div>
      {listed.slice(0, 120).map((item) => (
        <CaseCard key={item.id} item={item} />
      ))}
      {!listed.length && <Nothing loaded={known !== null} failed={live.cases.failed.value} text={t("cases.none")} />}
    </div>
  );
}

function CaseCard({ item }: { item: CaseItem }) {
  const ended = ENDED.has(item.state);
  return (
    <button
      type="button"
      class={`case${item.late || item.escalation ? " overdue" : ""}`}
      data-testid="case-card"
      data-case={item.id}
      data-state={item.state}
      onClick={() => openCase(item.id)}
    >
      <span class="case-title">
        <span class={`priority priority-${item.priority}`} title={t("case.priority", { n: item.priority })} />
        <strong>{item.title}</strong>
      </span>
      <span class="case-line">
        <span class="tag">{word("case.state", item.state)}</span>
        <span>{kindName(item.kind)}</span>
        <span>{item.town_name || item.territory_name}</span>
        {item.source === "phone" && <span>{t("case.from_phone")}</span>}
        <span class="spring" />
        {ended ? <Time at={item.closed_at} /> : item.due_at && <Due at={item.due_at} />}
      </span>
    </button>
  );
}
