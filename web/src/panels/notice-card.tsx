/** A warning of an authority that is not passed on: who says so, and why it does nothing by itself. */

import { useState } from "preact/hooks";
import type { Notice } from "../api/contract";
import { getText } from "../api/http";
import { language, t, word } from "../i18n";
import { Dialog } from "../ui/dialog";
import { ColourChip, Time } from "../ui/pieces";

/** Those that an officer should see beside what was passed on. */
export function worthShowing(notice: Notice): boolean {
  if (notice.relayed) return false;
  return notice.state === "in_force" || notice.state === "ahead" || (notice.state === "all_clear" && !notice.verified);
}

function whyOf(notice: Notice): string {
  const [plain, ...detail] = notice.why.split(":");
  return [word("notice.why", plain!), ...detail].join(":");
}

export function Verified({ notice }: { notice: Notice }) {
  return (
    <span class={notice.verified ? "tag verified" : "tag unverified"} title={whyOf(notice)}>
      {notice.verified ? t("notice.verified") : t("notice.unverified")}
    </span>
  );
}

export function NoticeCard({ notice }: { notice: Notice }) {
  const [open, setOpen] = useState(false);
  const english = language.value === "en";
  return (
    <article
      class={`alert notice alert-${notice.colour || "none"}`}
      data-testid="notice-card"
      data-verified={notice.verified}
    >
      <header>
        {notice.colour ? <ColourChip colour={notice.colour} /> : <span class="chip">{t("notice.no_colour")}</span>}
        <strong>{word("event", notice.event)}</strong>
        <Verified notice={notice} />
        {notice.status !== "Actual" && <span class="tag">{word("status", notice.status)}</span>}
        {notice.state !== "in_force" && <span class="tag">{word("notice.state", notice.state)}</span>}
        <span class="spring" />
        <Time at={notice.sent} />
      </header>
      <button type="button" class="alert-headline" onClick={() => setOpen(true)}>
        {(english && notice.headline_en) || notice.headline || notice.text}
      </button>
      <p class="alert-where">
        {notice.area} · {t(notice.verified ? "alert.issuer" : "notice.claims", { issuer: notice.issuer })} · {t("alert.until")}{" "}
        <Time at={notice.expires_at} />
      </p>
      {!notice.verified && <p class="trouble">{t("notice.does_nothing")}</p>}
      {open && <NoticeDialog notice={notice} onClose={() => setOpen(false)} />}
    </article>
  );
}

function NoticeDialog({ notice, onClose }: { notice: Notice; onClose: () => void }) {
  const [raw, setRaw] = useState<string | null>(null);
  const english = language.value === "en";
  return (
    <Dialog title={notice.headline || notice.event} wide onClose={onClose} testid="notice-dialog">
      <div class="alert-whole">
        <p class="lead">
          <Verified notice={notice} /> {notice.issuer} · {notice.sender}
        </p>
        <p>{(english && notice.text_en) || notice.text}</p>
        {notice.instruction && <p class="instruction">{notice.instruction}</p>}
        <dl class="facts">
          <div><dt>{t("notice.why")}</dt><dd>{whyOf(notice)}</dd></div>
          <div><dt>{t("alert.sent")}</dt><dd><Time at={notice.sent} /></dd></div>
          <div><dt>{t("notice.received")}</dt><dd><Time at={notice.received_at} /></dd></div>
          <div><dt>{t("alert.expires")}</dt><dd><Time at={notice.expires_at} /></dd></div>
        </dl>
        {notice.remarks.length > 0 && (
          <details>
            <summary>{t("notice.remarks", { n: notice.remarks.length })}</summary>
            <ul class="plain">{notice.remarks.map((one) => <li key={one}>{one}</li>)}</ul>
          </details>
        )}
        <details onToggle={() => raw ?? void getText(`/official/${notice.id}/cap`).then(setRaw, () => setRaw(""))}>
          <summary>{t("alert.cap")}</summary>
          <pre>{raw ?? t("loading")}</pre>
        </details>
      </div>
    </Dialog>
  );
}
