/** The right column: assessment, cases, health of the stations or log. */

import { DispatchPanel } from "../dispatch/panel";
import { t } from "../i18n";
import { live, may } from "../state";
import { VolunteersPanel } from "../volunteers/panel";
import { AssessmentPanel } from "./assessment";
import { Cases } from "./cases";
import { tab, type Tab } from "./chosen";
import { Firms } from "./firms";
import { Journal } from "./journal";
import { Stations } from "./stations";

const TABS: readonly Tab[] = ["assessment", "cases", "firms", "dispatch", "volunteers", "stations", "journal"];
const ENDED = new Set(["closed", "cancelled", "merged"]);

export function RightColumn() {
  const open = (live.cases.value.value ?? []).filter((item) => !ENDED.has(item.state)).length;
  return (
    <section class="right" aria-label={t("panel.right")}>
      <div class="tabs" role="tablist">
        {TABS.filter((name) => name !== "volunteers" || may("command")).map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={tab.value === name}
            data-testid={`tab-${name}`}
            onClick={() => (tab.value = name)}
          >
            {t(`tab.${name}`)}
            {name === "cases" && open > 0 && <span class="count">{open}</span>}
          </button>
        ))}
      </div>
      <div class="scroll" role="tabpanel">
        {tab.value === "assessment" && <AssessmentPanel />}
        {tab.value === "cases" && <Cases />}
        {tab.value === "firms" && <Firms />}
        {tab.value === "dispatch" && <DispatchPanel />}
        {tab.value === "volunteers" && <VolunteersPanel />}
        {tab.value === "stations" && <Stations />}
        {tab.value === "journal" && <Journal />}
      </div>
    </section>
  );
}
