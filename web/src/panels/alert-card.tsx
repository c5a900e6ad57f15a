/** One alert: what it says, who has approved it, whom it reached, what may be done with it. */

import { useState } from "preact/hooks";
import type { Alert, Audience } from "../api/contract";
import { get, post } from "../api/http";
import { hazardOf, t, word } from "../i18n";
import { drawing, drawnFor, shownArea, startDrawing, toggleArea } from "../map/drawing-state";
import { live, may, session } from "../state";
import { ask } from "../ui/ask";
import { ColourChip, Time } from "../ui/pieces";
import { attempt } from "../ui/toast";
import { AlertDialog } from "./alert-dialog";
import { AudienceDialog, Counts } from "./audience";
import { Coverage } from "./coverage";
import { Verified } from "./notice-card";

export function AlertCard({ alert }: { alert: Alert }) {
  const [preview, setPreview] = useState(false);
  const [open, setOpen] = useState(false);
  const draft = alert.state === "draft";
  const notice = alert.official && live.official.value.value?.find((one) => one.relayed === alert.id);
  const ended = !draft && (alert.state !== "issued" || alert.msg_type === "Cancel");
  return (
    <article
      class={`alert alert-${alert.colour}${draft ? " waiting" : ""}${ended ? " ended" : ""}`}
      data-testid="alert-card"
      data-alert={alert.id}
      data-state={alert.state}
    >
      <header>
        <ColourChip colour={alert.colour} />
        <strong>{hazardOf(alert)}</strong>
        {alert.msg_type !== "Alert" && <span class="tag">{word("msg_type", alert.msg_type)}</span>}
        {alert.status === "Test" && <span class="tag">{word("status", alert.status)}</span>}
        {notice && <Verified notice={notice} />}
        {ended && <span class="tag">{word("alert.state", alert.state)}</span>}
        <span class="spring" />
        <Time at={alert.sent_at ?? alert.drafted_at} />
      </header>
      <button type="button" class="alert-headline" onClick={() => setOpen(true)}>
        {alert.headline}
      </button>
      <p class="alert-where">
        {alert.area_name}
        {alert.polygon_key && (
          <button
            type="button"
            class="quiet"
            data-testid="area-show"
            aria-pressed={shownArea.value?.alert === alert.id}
            onClick={() => void toggleArea(alert)}
          >
            {t("draw.narrowed")}
          </button>
        )}
        {alert.official && <> · {t("alert.issuer", { issuer: alert.issuer })}</>}
        {alert.expires_at && (
          <>
            {" · "}
            {t("alert.until")} <Time at={alert.expires_at} />
          </>
        )}
      </p>
      {alert.text_en && (
        <p class="soft" lang="en" data-testid="relayed-english">
          {alert.event_name_en} warning, {alert.colour}. {alert.text_en}
        </p>
      )}
      {!draft && !alert.official && <Coverage alert={alert} />}
      {draft && (
        <footer class="actions">
          <Approvals alert={alert} />
          <span class="spring" />
          {may("people") && (
            <button type="button" data-testid="audience" onClick={() => setPreview(true)}>
              {t("alert.audience")}
            </button>
          )}
          {may("decide") && <Decide alert={alert} />}
        </footer>
      )}
      {preview && <AudienceDialog alert={alert} onClose={() => setPreview(false)} />}
      {open && <AlertDialog id={alert.id} onClose={() => setOpen(false)} />}
    </article>
  );
}

/** Who has approved, and how many more are needed. */
function Approvals({ alert }: { alert: Alert }) {
  const given = alert.approvals.filter((approval) => approval.decision.startsWith("approve"));
  const missing = Math.max(0, alert.approvals_needed - given.length);
  return (
    <p class="approvals" data-testid="approvals">
      {given.map((approval) => (
        <span key={approval.officer} class="approval given">
          ✓ {approval.officer_name}
        </span>
      ))}
      {missing > 0 && <span class="approval">{t("alert.awaits", { n: missing })}</span>}
    </p>
  );
}

function Decide({ alert }: { alert: Alert }) {
  const [busy, setBusy] = useState(false);
  const me = session.value.value?.account?.id;
  // an approval of what the draft was before is void, and can be given again
  const mine = alert.approvals.some((approval) => approval.officer === me && approval.decision === "approved");
  const run = async (job: () => Promise<unknown>) => {
    setBusy(true);
    await job();
    setBusy(false);
    await live.alerts.refresh();
  };
  return (
    <>
      <button type="button" data-testid="reject" disabled={busy} onClick={() => void run(() => reject(alert))}>
        {t("alert.reject")}
      </button>
      <button
        type="button"
        data-testid="draw-area"
        aria-pressed={drawnFor.value?.id === alert.id}
        disabled={busy || drawing.value !== null || alert.msg_type === "Cancel"}
        onClick={() => void run(() => startDrawing(alert))}
      >
        {t("draw.start")}
      </button>
      {!mine && (
        <button
          type="button"
          class="primary"
          data-testid="approve"
          disabled={busy}
          onClick={() => void run(() => approve(alert))}
        >
          {t("alert.approve")}
        </button>
      )}
    </>
  );
}

async function approve(alert: Alert): Promise<void> {
  let note = "";
  // an orange or red alert cannot be unsaid: the officer sees first how many it reaches
  if (alert.colour === "orange" || alert.colour === "red") {
    const audience = await get<Audience>(`/alerts/${alert.id}/audience`).catch(() => null);
    const answer = await ask({
      title: t("alert.approve_sure", { colour: word("colour", alert.colour), event: hazardOf(alert) }),
      detail: (
        <>
          <p class="lead">{alert.headline}</p>
          <p>
            {alert.area_name}
            {alert.polygon_key && ` · ${t("draw.narrowed")}`}
            {audience && ` · ${t("alert.reaches", { n: audience.total, lost: audience.unreachable.length })}`}
          </p>
          {audience && <Counts audience={audience} />}
        </>
      ),
      fields: [{ name: "note", label: t("ask.note"), lines: 2 }],
      confirm: t("alert.approve"),
      tone: "grave",
    });
    if (!answer) return;
    note = answer["note"] ?? "";
  }
  await attempt(post(`/alerts/${alert.id}/approve`, { note, seen: alert.polygon_key }), t("alert.approved"));
}

async function reject(alert: Alert): Promise<void> {
  const answer = await ask({
    title: t("alert.reject"),
    detail: <p class="lead">{alert.headline}</p>,
    fields: [{ name: "note", label: t("ask.reason"), required: true }],
    confirm: t("alert.reject"),
  });
  if (answer) await attempt(post(`/alerts/${alert.id}/reject`, answer), t("alert.rejected"));
}
