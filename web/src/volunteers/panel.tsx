/** The organiser's tab 志愿者: work and calls, people, learning. */

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import "../style/volunteers.css";
import { address } from "../api/http";
import { t } from "../i18n";
import { LearningList } from "./learning";
import { Invite, People } from "./people";
import { opened, refreshAll, refreshNow, roster, works } from "./state";
import { WorkPage } from "./work";
import { OfferButton, OutNow, WorkList } from "./works";

const PARTS = ["work", "people", "learning"] as const;
const part = signal<(typeof PARTS)[number]>("work");
const EVERY = 5_000;

export function VolunteersPanel() {
  useEffect(() => {
    void refreshAll();
    const timer = setInterval(() => void (part.peek() === "work" ? refreshNow() : refreshAll()), EVERY);
    return () => clearInterval(timer);
  }, []);
  const known = works.value.value ?? [];
  const out = known.reduce((sum, one) => sum + one.out.length, 0);
  const late = known.reduce((sum, one) => sum + one.overdue, 0);
  const applied = roster.value.value?.volunteers.filter((one) => one.state === "applied").length ?? 0;
  if (roster.absent.value) return <p class="nothing" data-testid="volunteers-none">{t("vo.none_here")}</p>;
  const synthetic = roster.value.value?.volunteers.some((one) => one.synthetic);
  return (
    <div class="volunteers" data-testid="volunteers">
      <div class="filters" role="group">
        {PARTS.map((name) => (
          <button
            key={name}
            type="button"
            class={part.value === name ? "on" : ""}
            aria-pressed={part.value === name}
            data-testid={`vo-part-${name}`}
            onClick={() => (part.value = name)}
          >
            {t(`vo.part.${name}`)}
            {name === "people" && applied > 0 && <span class="count"> {applied}</span>}
          </button>
        ))}
      </div>
      <p class="volunteers-now">
        <strong data-testid="vo-out">{t("vo.out_now", { n: out })}</strong>
        {late > 0 && <strong class="overdue"> · {t("vo.overdue", { n: late })}</strong>}
      </p>
      <OutNow />
      {synthetic && <p class="synthetic-note">{t("vo.synthetic")}</p>}
      {part.value === "work" && (
        <>
          <div class="volunteers-tools">
            <OfferButton />
            <a class="quiet" href={address("/volunteer-hours.csv")} download data-testid="vo-hours">
              {t("vo.hours")}
            </a>
          </div>
          <WorkList />
        </>
      )}
      {part.value === "people" && (
        <>
          <div class="volunteers-tools">
            <Invite />
          </div>
          <People />
        </>
      )}
      {part.value === "learning" && <LearningList />}
      {opened.value && <WorkPage key={opened.value.id} />}
    </div>
  );
}
