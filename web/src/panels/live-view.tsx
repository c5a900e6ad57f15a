/** The inspector's side of a live remote check. */

import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "../api/http";
import { t } from "../i18n";
import { takeUp } from "../passes/live";
import { live } from "../state";
import { attempt, done } from "../ui/toast";

const ASK_EVERY = 4000;

export function LiveView({ check }: { check: string }) {
  const video = useRef<HTMLVideoElement>(null);
  const hangUp = useRef<(() => void) | null>(null);
  const [waiting, setWaiting] = useState(false);
  const [seeing, setSeeing] = useState(false);
  const cases = live.cases.value.value;
  useEffect(() => {
    // an offer is told by the journal, which has the cases fetched; its end by time alone
    const ask = () =>
      get<{ offer: string }>(`/checks/${check}/live`).then(
        (answer) => setWaiting(Boolean(answer.offer)),
        () => setWaiting(false),
      );
    void ask();
    const timer = setInterval(() => void ask(), ASK_EVERY);
    return () => clearInterval(timer);
  }, [check, cases]);
  useEffect(() => () => hangUp.current?.(), [check]);
  const look = async () => {
    setSeeing(true);
    const taken = await attempt(
      takeUp(check, (stream) => {
        if (video.current) video.current.srcObject = stream;
      }),
    );
    hangUp.current = taken;
    if (!taken) {
      setSeeing(false);
      done(t("check.live.gone"));
    }
  };
  const end = () => {
    hangUp.current?.();
    hangUp.current = null;
    setSeeing(false);
  };
  if (!waiting && !seeing) return null;
  return (
    <div class="live-view" data-testid="live-view">
      {!seeing && (
        <button type="button" class="primary" data-testid="live-look" onClick={() => void look()}>
          {t("check.live.look")}
        </button>
      )}
      <div class={seeing ? "" : "hidden"}>
        <video ref={video} autoPlay playsInline controls data-testid="live-video" />
        <button type="button" class="small" onClick={end}>
          {t("check.live.end")}
        </button>
      </div>
    </div>
  );
}
