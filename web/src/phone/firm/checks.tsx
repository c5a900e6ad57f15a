/** Remote checks: the shot list, sending a picture or film of each shot. */

import { useState } from "preact/hooks";
import { post } from "../../api/http";
import type { OwnFirm, Shot } from "../../api/firms";
import { language, t, word } from "../../i18n";
import { zone } from "../../state";
import { dayTime } from "../../time";
import { attempt } from "../../ui/toast";
import { shrink } from "../photo";
import { label, own } from "./known";
import { LiveCheck } from "./live";

const ENDED = new Set(["closed", "cancelled", "merged", "verified"]);

export function Checks({ firm }: { firm: OwnFirm }) {
  const open = firm.cases.filter((one) => one.kind === "remote_check" && !ENDED.has(one.state));
  if (!open.length) return null;
  return (
    <section class="card" data-testid="firm-checks">
      <h2>{t("check.title")}</h2>
      <p class="soft">{t("check.hint")}</p>
      {open.map((one) => (
        <article key={one.id} class="firm-check">
          <p class="soft">
            {one.id}
            {one.due_at && ` · ${t("phone.due", { time: dayTime(one.due_at, zone(), language.value) })}`}
          </p>
          <LiveCheck check={one.id} shots={firm.checks[one.id] ?? []} />
          <ol>
            {(firm.checks[one.id] ?? []).map((shot) => (
              <ShotLine key={shot.shot} check={one.id} shot={shot} />
            ))}
          </ol>
        </article>
      ))}
    </section>
  );
}

/** Sends a picture (made small) or a film (as it is); a key makes a repeat harmless. */
export async function sendShot(check: string, shot: string, file: Blob, way: "recorded" | "live"): Promise<boolean> {
  const small = file.type.startsWith("image/") && file instanceof File ? await shrink(file).catch(() => file) : file;
  const form = new FormData();
  form.append("case", check);
  form.append("shot", shot);
  form.append("way", way);
  form.append("file", small, "shot");
  const key = `${check}-${shot}-${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const sent = await attempt(post("/me/firm/shots", form, key), t("phone.sent"));
  await own.refresh();
  return sent !== null;
}

function ShotLine({ check, shot }: { check: string; shot: Shot }) {
  const [busy, setBusy] = useState(false);
  const choose = async (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    await sendShot(check, shot.shot, file, "recorded");
    setBusy(false);
  };
  return (
    <li class={`shot shot-${shot.state}`} data-testid={`shot-${shot.shot}`} data-state={shot.state}>
      <p>
        <strong>{label(shot)}</strong> <span class="tag">{word("check.shot", shot.state)}</span>
      </p>
      {shot.state === "refused" && shot.sent?.reason && <p class="warning-note">{shot.sent.reason}</p>}
      {shot.state !== "accepted" && (
        <div class="beside">
          {(["image/*", "video/*"] as const).map((kind) => (
            <label key={kind} class="photo-button">
              {busy ? t("check.sending") : t(kind === "image/*" ? "check.photo" : "check.film")}
              <input
                class="hidden"
                type="file"
                accept={kind}
                capture="environment"
                disabled={busy}
                data-testid={`shot-${shot.shot}-${kind === "image/*" ? "photo" : "film"}`}
                onChange={(event) => void choose(event.currentTarget.files?.[0])}
              />
            </label>
          ))}
        </div>
      )}
    </li>
  );
}
