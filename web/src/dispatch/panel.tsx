/** The tab 力量调度: resources, who goes where, routes, evacuation. */

import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { AssignView } from "./assign";
import { EvacuationView } from "./evacuate";
import { ResourcesView } from "./resources";
import { Routes } from "./route";
import { view, wipe, type View } from "./state";

const VIEWS: readonly View[] = ["resources", "assign", "route", "evacuate"];

export function DispatchPanel() {
  // the map is shared: what this tab drew goes with it
  useEffect(() => wipe, []);
  return (
    <div class="dispatch" data-testid="dispatch">
      <div class="segmented dispatch-views" role="group" aria-label={t("tab.dispatch")}>
        {VIEWS.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={view.value === name}
            data-testid={`dispatch-${name}`}
            onClick={() => {
              wipe();
              view.value = name;
            }}
          >
            {t(`dispatch.${name}`)}
          </button>
        ))}
      </div>
      {view.value === "resources" && <ResourcesView />}
      {view.value === "assign" && <AssignView />}
      {view.value === "evacuate" && <EvacuationView />}
      {view.value === "route" && <Routes />}
    </div>
  );
}
