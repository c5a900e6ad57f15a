/** The firm shows its site live; each shot of the list is taken from the running picture. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Shot } from "../../api/firms";
import { t } from "../../i18n";
import { frame, offer, type Call } from "../../passes/live";
import { hasCamera } from "../../passes/reading";
import { done } from "../../ui/toast";
import { sendShot } from "./checks";
import { label } from "./known";

export function LiveCheck({ check, shots }: { check: string; shots: Shot[] }) {
  const video = useRef<HTMLVideoElement>(null);
  const call = useRef<Call | null>(null);
  const [state, setState] = useState<"idle" | "waiting" | "connected" | "lost">("idle");
  const end = () => {
    call.current?.end();
    call.current = null;
    setState("idle");
  };
  useEffect(() => end, []);
  if (!hasCamera()) return <p class="soft">{t("check.live.no_camera")}</p>;
  const start = async () => {
    setState("waiting");
    try {
      call.current = await offer(check, (now) => {
        if (now === "connected") setState("connected");
        if (now === "disconnected" || now === "failed") setState("lost");
      });
      if (video.current) video.current.srcObject = call.current.stream;
    } catch {
      // no leave for the camera, or no network: recorded shots do as well
      setState("idle");
      done(t("check.live.failed"));
    }
  };
  const take = async (shot: string) => {
    const picture = video.current && (await frame(video.current));
    if (picture) await sendShot(check, shot, picture, "live");
  };
  return (
    <div class="live-check" data-testid="live-check" data-state={state}>
      {state === "idle" && (
        <button type="button" class="big" data-testid="live-start" onClick={() => void start()}>
          {t("check.live.start")}
        </button>
      )}
      <div class={state === "idle" ? "hidden" : ""}>
        <p role="status">{t(`check.live.${state === "idle" ? "waiting" : state}`)}</p>
        <video ref={video} autoPlay muted playsInline />
        {shots
          .filter((one) => one.state !== "accepted")
          .map((one) => (
            <button key={one.shot} type="button" data-testid={`live-take-${one.shot}`} onClick={() => void take(one.shot)}>
              {t("check.live.take", { shot: label(one) })}
            </button>
          ))}
        <button type="button" class="plain-button" data-testid="live-end" onClick={end}>
          {t("check.live.end")}
        </button>
      </div>
    </div>
  );
}
