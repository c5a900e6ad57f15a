/** Who goes where 派遣建议: proposed with reasons; a person accepts, changes or refuses. */

import { useEffect, useState } from "preact/hooks";
import { get, post } from "../api/http";
import { language, shortly, t, word } from "../i18n";
import { openCase } from "../panels/chosen";
import { live, may } from "../state";
import { ask } from "../ui/ask";
import { Due, Nothing } from "../ui/pieces";
import { attempt } from "../ui/toast";
import { Grounds } from "./route";
import type { Alternative, Proposal, Sending } from "./shapes";
import { layer, lines } from "./state";

export function AssignView() {
  const [found, setFound] = useState<Proposal | null>(null);
  const [busy, setBusy] = useState(false);
  const [changed, setChanged] = useState<Record<string, Alternative>>({});
  const load = async () => {
    setBusy(true);
    setFound(await attempt(get<Proposal>(`/dispatch/proposal?water=${layer.value}`)));
    setChanged({});
    setBusy(false);
  };
  useEffect(() => {
    if (may("command")) void load();
  }, [layer.value]);
  const sent = (found?.lines ?? []).map((line) => ({ ...line, ...(changed[line.case + line.asset] ?? {}), key: line.case + line.asset }));
  useEffect(() => {
    lines.value = sent.map((line) => ({ from: [line.lon, line.lat], to: line.to, tone: "assign" }));
  }, [found, changed]);
  if (!may("command")) return <p class="nothing">{t("assign.not_yours")}</p>;
  if (!found) return <Nothing loaded={!busy} text={t("assign.failed")} />;
  const accept = async (chosen: { case: string; asset: string }[]) => {
    setBusy(true);
    const body = { lines: chosen.map((one) => ({ case: one.case, asset: one.asset })), water: layer.value };
    await attempt(post("/dispatch/accept", body, crypto.randomUUID()), t("assign.accepted", { n: chosen.length }));
    await Promise.all([live.tasks.refresh(), live.cases.refresh(), live.resources.refresh(), load()]);
    setBusy(false);
  };
  return (
    <div class="dispatch-form" data-testid="assign">
      <p class="soft small-print">
        {t(`assign.method.${found.method}`)} · {t("assign.sum", { lines: found.lines.length, without: found.without.length, ready: found.ready })}
      </p>
      <Grounds said={found} />
      <footer class="actions">
        <button type="button" disabled={busy} data-testid="assign-again" onClick={() => void load()}>
          {t("assign.again")}
        </button>
        <button
          type="button"
          class="primary"
          disabled={busy || !sent.length}
          data-testid="assign-accept-all"
          onClick={() =>
            void ask({ title: t("assign.accept_all", { n: sent.length }), fields: [], confirm: t("assign.accept") }).then(
              (answer) => answer && accept(sent),
            )
          }
        >
          {t("assign.accept_all", { n: sent.length })}
        </button>
      </footer>
      {!found.rules && <p class="warn-text">{t("assign.no_rules")}</p>}
      {sent.map((line) => (
        <Line
          key={line.key}
          line={line}
          original={changed[line.key] === undefined}
          busy={busy}
          onChange={(other) => setChanged({ ...changed, [line.key]: other })}
          onAccept={() => void accept([line])}
          onRefused={() => void load()}
        />
      ))}
      {found.rules && !sent.length && !found.without.length && <p class="nothing">{t("assign.none")}</p>}
      {found.without.length > 0 && <h3>{t("assign.without")}</h3>}
      <ul class="plain-list">
        {found.without.map((one) => (
          <li key={one.case} data-testid="without" data-why={one.why}>
            <button type="button" class="quiet" onClick={() => openCase(one.case)}>
              {one.case_title}
            </button>
            <span class="warn-text">
              {t(`assign.why.${one.why}`, { kinds: one.assets.map((kind) => word("asset.kind", kind)).join("、") })}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Why this one: nearest, or who is nearer and where they go; what is driven round. */
function reasons(line: Sending, original: boolean): string[] {
  if (!original) return [t("assign.by_hand")];
  const found = [
    line.rank === 1
      ? t("assign.nearest", { n: line.able })
      : t("assign.rank", {
          n: line.rank,
          nearer: line.nearer.map((one) => `${shortly(one)}${one.goes ? ` → ${one.goes}` : ""}`).join("；"),
        }),
  ];
  if (!line.preferred) found.push(t("assign.second_kind"));
  for (const road of line.avoided) {
    found.push(road.effect === "closed" ? t("assign.avoids_closed", { road: road.name }) : t("assign.avoids", { road: road.name, m: road.depth_m.toFixed(2) }));
  }
  if (line.late) found.push(t("assign.late"));
  return found;
}

function Line(props: {
  line: Sending;
  original: boolean;
  busy: boolean;
  onChange: (other: Alternative) => void;
  onAccept: () => void;
  onRefused: () => void;
}) {
  const { line, original, busy } = props;
  const refuse = async () => {
    const answer = await ask({
      title: `${t("assign.refuse")} · ${shortly(line)}`,
      confirm: t("assign.refuse"),
      tone: "grave",
      fields: [{ name: "reason", label: t("ask.reason"), required: true }],
    });
    if (!answer) return;
    const body = { case: line.case, asset: line.asset, reason: answer["reason"] };
    await attempt(post("/dispatch/refuse", body, crypto.randomUUID()), t("assign.refused"));
    props.onRefused();
  };
  return (
    <article class="card" data-testid="sending" data-case={line.case} data-asset={line.asset}>
      <h3>
        <button type="button" class="quiet" onClick={() => openCase(line.case)}>
          {line.case_title}
        </button>
        <span class="spring" />
        {line.due_at && <Due at={line.due_at} />}
      </h3>
      <p>
        <span class="tag">{language.value === "zh" ? line.need_title : line.need_title_en}</span> ← <strong>{shortly(line)}</strong>{" "}
        {t("route.minutes", { n: line.travel_min.toFixed(0) })}
      </p>
      <p class="soft small-print">{reasons(line, original).join("；")}</p>
      <footer class="actions">
        <select
          class="small"
          aria-label={t("assign.other")}
          value=""
          data-testid="assign-other"
          onChange={(event) => {
            const other = line.alternatives.find((one) => one.asset === event.currentTarget.value);
            if (other) props.onChange(other);
          }}
        >
          <option value="">{t("assign.other")}</option>
          {line.alternatives.map((one) => (
            <option key={one.asset} value={one.asset}>
              {shortly(one)} · {t("route.minutes", { n: one.travel_min.toFixed(0) })}
              {one.goes ? ` · ${t("assign.goes", { case: one.goes })}` : ""}
            </option>
          ))}
        </select>
        <button type="button" class="small" disabled={busy} data-testid="assign-refuse" onClick={() => void refuse()}>
          {t("assign.refuse")}
        </button>
        <button type="button" class="small primary" disabled={busy} data-testid="assign-accept" onClick={props.onAccept}>
          {t("assign.accept")}
        </button>
      </footer>
    </article>
  );
}
