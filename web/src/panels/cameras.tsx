/** Cameras 实景监测: the newest picture of each, and the level read off a staff gauge in it. */

import { useEffect, useState } from "preact/hooks";
import type { Camera } from "../api/contract";
import { address } from "../api/http";
import { named, t, word } from "../i18n";
import { resource } from "../state";
import { Dialog } from "../ui/dialog";
import { percent, Time } from "../ui/pieces";

/** Pictures come every few minutes; they are asked for only while they are looked at. */
const EVERY = 15_000;
const cameras = resource<Camera[]>("/cameras");

export function Cameras() {
  const [open, setOpen] = useState<string | null>(null);
  useEffect(() => {
    void cameras.refresh();
    const timer = setInterval(() => void cameras.refresh(), EVERY);
    return () => clearInterval(timer);
  }, []);
  const known = cameras.value.value ?? [];
  const chosen = known.find((one) => one.id === open);
  if (!known.length) return null;
  return (
    <section class="cameras" aria-label={t("cameras.title")} data-testid="cameras">
      <h3>{t("cameras.title")}</h3>
      <ul class="plain camera-strip">
        {known.map((one) => (
          <li key={one.id}>
            <button type="button" onClick={() => setOpen(one.id)} disabled={!one.latest}>
              {one.latest ? (
                <img src={picture(one, true)} alt={named(one)} loading="lazy" />
              ) : (
                <span class="no-picture">{t("cameras.none")}</span>
              )}
              <b>{named(one)}</b>
              <Level camera={one} />
              <span class={one.silent ? "trouble" : "soft"}>
                {one.silent && one.latest && `${t("cameras.silent")} `}
                <Time at={one.latest?.taken_at ?? null} />
              </span>
            </button>
          </li>
        ))}
      </ul>
      {chosen?.latest && (
        <Dialog title={named(chosen)} wide onClose={() => setOpen(null)} testid="camera-dialog">
          <img class="camera-whole" src={picture(chosen, false)} alt={named(chosen)} />
          <p class="soft">
            <Time at={chosen.latest.taken_at} /> · <Level camera={chosen} />
          </p>
        </Dialog>
      )}
    </section>
  );
}

function picture(camera: Camera, thumb: boolean): string {
  const at = encodeURIComponent(camera.latest?.taken_at ?? "");
  return address(`/cameras/${camera.id}/picture?thumb=${thumb}&at=${at}`);
}

function Level({ camera }: { camera: Camera }) {
  if (!camera.series || !camera.latest) return null;
  const { level_m, confidence, why } = camera.latest;
  if (level_m === null) return <span class="soft">{t("cameras.unread", { why: word("camera", why) })}</span>;
  return <span>{t("cameras.level", { level: level_m.toFixed(2), sure: percent(confidence ?? 0) })}</span>;
}
