/** Evacuation 转移安置: who is in reach of forecast water, to which shelter, by when to leave. */

import { useEffect, useState } from "preact/hooks";
import { get, post } from "../api/http";
import { shortly, t, word } from "../i18n";
import { showOnMap } from "../map/view";
import { openCase } from "../panels/chosen";
import { live, may } from "../state";
import { ask } from "../ui/ask";
import { Nothing, percent, Section, Time } from "../ui/pieces";
import { attempt } from "../ui/toast";
import { Grounds } from "./route";
import type { Evacuation, Group, Listed } from "./shapes";
import { layer, lines } from "./state";

export function EvacuationView() {
  const [plan, setPlan] = useState<Evacuation | null>(null);
  const [busy, setBusy] = useState(false);
  const load = async () => {
    setBusy(true);
    setPlan(await attempt(get<Evacuation>(`/evacuation?water=${layer.value}`)));
    setBusy(false);
  };
  // water moves with each run, places with each arrival: the plan is made again
  const newest = live.runs.value.value?.find((run) => run.state === "published")?.id;
  const taken = live.resources.value.value?.shelters.reduce((sum, one) => sum + one.taken, 0);
  useEffect(() => void load(), [layer.value, newest, taken]);
  useEffect(() => {
    const moved = new Set((plan?.changes ?? []).map((one) => one.group));
    lines.value = (plan?.groups ?? []).flatMap((group) =>
      group.moves.map((move) => ({ from: group.at, to: move.to, tone: moved.has(group.id) ? "changed" : "evacuate" })),
    );
  }, [plan]);
  if (!plan) return <Nothing loaded={!busy} text={t("evac.failed")} />;
  return (
    <div class="dispatch-form" data-testid="evacuation">
      <h3 class="evac-sum" data-testid="evac-sum">
        {t("evac.sum", { persons: plan.persons, moved: plan.moved, left: plan.persons - plan.moved })}
      </h3>
      <Grounds said={plan} />
      <InForce plan={plan} busy={busy} onAccepted={() => void load()} setBusy={setBusy} />
      {plan.changes.length > 0 && <Changes plan={plan} />}
      {plan.withdrawals.length > 0 && <Withdrawals plan={plan} />}
      {!plan.groups.length && <p class="nothing">{t("evac.none")}</p>}
      {byVillage(plan.groups).map(([village, groups]) => (
        <Village key={village} groups={groups} cases={plan.accepted?.cases ?? {}} />
      ))}
      <Havens plan={plan} />
    </div>
  );
}

function byVillage(groups: Group[]): [string, Group[]][] {
  const found = new Map<string, Group[]>();
  for (const group of groups) found.set(group.village, [...(found.get(group.village) ?? []), group]);
  return [...found];
}

function InForce(props: { plan: Evacuation; busy: boolean; setBusy: (busy: boolean) => void; onAccepted: () => void }) {
  const { plan, busy } = props;
  const accept = async () => {
    const sure = await ask({
      title: t("evac.accept"),
      detail: (
        <>
          <p>{t("evac.accept.detail", { groups: plan.groups.filter((one) => one.moves.length).length, moved: plan.moved })}</p>
          {plan.withdrawals.length > 0 && <p>{t("evac.accept.withdraws", { n: plan.withdrawals.length })}</p>}
        </>
      ),
      fields: [],
      confirm: t("evac.accept"),
    });
    if (!sure) return;
    props.setBusy(true);
    await attempt(post("/evacuation/accept", { seen: plan.digest, water: layer.value }, crypto.randomUUID()), t("evac.accepted"));
    await Promise.all([live.tasks.refresh(), live.cases.refresh()]);
    props.onAccepted();
  };
  const fresh = plan.accepted !== null && plan.changes.length === 0;
  return (
    <>
      {plan.accepted ? (
        <p class={plan.changes.length ? "warn-text" : "soft"} data-testid="evac-accepted">
          {t("evac.in_force", { id: plan.accepted.id, moved: plan.accepted.moved })} <Time at={plan.accepted.at} />
          {plan.changes.length > 0
            ? ` · ${t(plan.accepted.older_run ? "evac.water_moved" : "evac.moved", { n: plan.changes.length })}`
            : ` · ${t("evac.still_good")}`}
        </p>
      ) : (
        <p class="soft">{t("evac.not_yet")}</p>
      )}
      {may("decide") && (plan.groups.length > 0 || plan.changes.length > 0) && !fresh && (
        <footer class="actions">
          <button type="button" class="primary" disabled={busy} data-testid="evac-accept" onClick={() => void accept()}>
            {t(plan.accepted ? "evac.accept_changes" : "evac.accept")}
          </button>
        </footer>
      )}
    </>
  );
}

function told(value: unknown): string {
  if (value === null || value === undefined || value === "") return "—";
  return String(value);
}

function Changes({ plan }: { plan: Evacuation }) {
  const time = (one: { what: string }, value: unknown) =>
    (one.what === "earlier" || one.what === "later") && typeof value === "string" ? <Time at={value} /> : told(value);
  return (
    <Section title={t("evac.changes")} count={plan.changes.length}>
      <ul class="plain-list" data-testid="evac-changes">
        {plan.changes.map((one, n) => (
          <li key={n} data-what={one.what}>
            <span class="tag">{word("evac.change", one.what)}</span>
            <span>{shortly(one)}</span>
            <span class="spring" />
            <span class="soft">
              {time(one, one.was)} → {time(one, one.now)}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Work of the plan in force that accepting this one ends. */
function Withdrawals({ plan }: { plan: Evacuation }) {
  return (
    <Section title={t("evac.withdrawals")} count={plan.withdrawals.length}>
      <ul class="plain-list" data-testid="evac-withdrawals">
        {plan.withdrawals.map((one) => (
          <li key={one.task} data-why={one.why}>
            <button type="button" class="quiet" onClick={() => openCase(one.case)}>
              {one.task}
            </button>
            <span>{shortly(one)}</span>
            <span class="spring" />
            <span class={one.state === "en_route" || one.state === "on_site" ? "warn-text" : "soft"}>
              {word("task.state", one.state)} · {t(`evac.withdraw.${one.why}`)}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Village({ groups, cases }: { groups: Group[]; cases: Record<string, string> }) {
  const [people, setPeople] = useState<Listed[] | null>(null);
  const first = groups[0]!;
  const list = async () => setPeople(await attempt(get<Listed[]>(`/evacuation/villages/${first.village}/people`)));
  const open = async () => {
    const answer = await ask({
      title: `${t("evac.open")} · ${first.village_name}`,
      confirm: t("evac.open"),
      detail: <p>{t("evac.open.detail")}</p>,
      fields: [{ name: "purpose", label: t("evac.purpose"), required: true, lines: 1 }],
    });
    if (answer) setPeople(await attempt(post<Listed[]>(`/evacuation/villages/${first.village}/people`, answer)));
  };
  return (
    <section class="card" data-testid="evac-village" data-village={first.village}>
      <h3>
        {first.town_name} · {first.village_name}
        <span class="spring" />
        {t("evac.persons", { n: groups.reduce((sum, one) => sum + one.persons, 0) })}
      </h3>
      {groups.map((group) => (
        <div key={group.id} class="evac-group" data-testid="evac-group" data-group={group.id}>
          <p>
            <button type="button" class="quiet" onClick={() => showOnMap(...group.at)}>
              {shortly(group)}
            </button>{" "}
            {t("evac.persons", { n: group.persons })} · {percent(group.probability)}
            {cases[group.id] && (
              <button type="button" class="quiet" onClick={() => openCase(cases[group.id]!)}>
                {cases[group.id]}
              </button>
            )}
          </p>
          <p class="soft small-print">
            {group.onset && (
              <>
                {t("evac.onset")} <Time at={group.onset} /> ·{" "}
              </>
            )}
            {group.leave_by && (
              <strong>
                {t("evac.leave_by")} <Time at={group.leave_by} />
              </strong>
            )}
            {group.late && <strong class="warn-text">{t("evac.late")}</strong>}
          </p>
          {group.moves.map((move) => (
            <p key={move.shelter} class="line">
              <span>→ {shortly({ name: move.shelter_name })}</span>
              <span class="spring" />
              <span>{t("evac.persons", { n: move.persons })}</span>
              <span class="soft">{t("evac.arrive", { n: move.arrive_min })}</span>
            </p>
          ))}
          {group.left > 0 && <p class="warn-text">{t(`evac.left.${group.why || "no_places"}`, { n: group.left })}</p>}
        </div>
      ))}
      {may("command") && (
        <footer class="actions">
          {people === null ? (
            <button type="button" class="small" data-testid="evac-people" onClick={() => void list()}>
              {t("evac.people")}
            </button>
          ) : (
            <button type="button" class="small" data-testid="evac-open" onClick={() => void open()}>
              {t("evac.open")}
            </button>
          )}
        </footer>
      )}
      {people && (
        <ul class="plain-list" data-testid="evac-list">
          {people.map((one) => (
            <li key={one.id}>
              <span>{one.name}</span>
              <span class="soft">{shortly({ name: one.place_name })}</span>
              <span class="spring" />
              {one.phone ? <span class="mono">{one.phone}</span> : !one.reachable && <span class="warn-text">{t("evac.unreachable")}</span>}
            </li>
          ))}
          {!people.length && <li class="nothing">{t("evac.nobody_on_file")}</li>}
          {people.some((one) => one.synthetic) && <li class="soft small-print">{t("res.synthetic_people")}</li>}
        </ul>
      )}
    </section>
  );
}

function Havens({ plan }: { plan: Evacuation }) {
  return (
    <Section title={t("res.shelters")}>
      <ul class="plain-list">
        {plan.shelters.map((one) => (
          <li key={one.id} class={one.dry ? "" : "warn-text"}>
            <span>{shortly(one)}</span>
            <span class="spring" />
            {!one.dry && <span>{t("evac.wet", { m: one.depth_m.toFixed(2) })}</span>}
            <span class="soft">{t("evac.places", { taken: one.taken, assigned: one.assigned, capacity: one.capacity })}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
