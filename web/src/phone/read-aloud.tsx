/** The button that reads a card aloud, and stops. */

import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { canSpeak, speak, speaking, stop } from "./speak";

export function ReadAloud({ id, text }: { id: string; text: string }) {
  // a card that goes away falls silent
  useEffect(() => () => void (speaking.peek() === id && stop()), [id]);
  if (!canSpeak()) return null;
  const on = speaking.value === id;
  return (
    <button
      type="button"
      class="aloud"
      aria-pressed={on}
      data-testid="read-aloud"
      onClick={() => (on ? stop() : speak(id, text))}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d={on ? "M7 7h10v10H7z" : "M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM15.500 9a4 4 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11"} />
      </svg>
      {t(on ? "phone.speak.stop" : "phone.speak")}
    </button>
  );
}
