/** The card over the map for what was clicked: a station, a hazard place, a depth report. */

import { t } from "../i18n";
import { selection } from "../map/view-state";
import { PlaceCard } from "./place-card";
import { ReportCard } from "./report-card";
import { StationCard } from "./station-card";

export function Detail() {
  const chosen = selection.value;
  if (!chosen) return null;
  return (
    <aside class="detail" data-testid={`detail-${chosen.kind}`}>
      <button type="button" class="icon detail-close" aria-label={t("close")} onClick={() => (selection.value = null)}>
        ×
      </button>
      {chosen.kind === "station" ? (
        <StationCard key={chosen.id} id={chosen.id} />
      ) : chosen.kind === "report" ? (
        <ReportCard key={chosen.id} id={chosen.id} />
      ) : (
        <PlaceCard key={chosen.id} id={chosen.id} />
      )}
    </aside>
  );
}
