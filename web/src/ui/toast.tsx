/** Short notices: refusals with what would be accepted, and that something was done. */

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { RefusalError } from "../api/http";
import { refusalWords, t } from "../i18n";

interface Notice {
  id: number;
  tone: "refused" | "done";
  text: string;
  remedy: string;
  /** The sentence in the other language, for who reads the log or asks for help. */
  beside: string;
}

const notices = signal<Notice[]>([]);
let last = 0;

function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

function show(tone: Notice["tone"], text: string, remedy = "", beside = ""): void {
  const id = ++last;
  notices.value = [...notices.value.slice(-3), { id, tone, text, remedy, beside }];
  setTimeout(() => dismiss(id), tone === "refused" ? 12_000 : 3_500);
}

export function done(text: string): void {
  show("done", text);
}

export function refused(text: string, remedy = ""): void {
  show("refused", text, remedy);
}

/** A refusal of the service: in Chinese with the English sentence beside it; in English that alone. */
export function refusedNotice(why: Pick<RefusalError, "message" | "remedy"> & { zh?: string | undefined }): void {
  const text = refusalWords(why);
  if (text === why.message) show("refused", text, why.remedy);
  else show("refused", text, "", why.message);
}

/** Waits for `job`; a refusal becomes a notice and the answer null. */
export async function attempt<T>(job: Promise<T>, success?: string): Promise<T | null> {
  try {
    const answer = await job;
    if (success) done(success);
    return answer;
  } catch (error) {
    if (error instanceof RefusalError) refusedNotice(error);
    else show("refused", t("notice.offline"));
    return null;
  }
}

export function Toasts() {
  const element = useRef<HTMLDivElement>(null);
  const shown = notices.value;
  useEffect(() => {
    const box = element.current;
    if (!box?.showPopover) return;
    // shown anew it stands above a dialog that was opened meanwhile
    if (box.matches(":popover-open")) box.hidePopover();
    if (shown.length) box.showPopover();
  }, [shown]);
  return (
    <div ref={element} class="toasts" popover="manual" role="status" aria-live="polite">
      {shown.map((notice) => (
        <div key={notice.id} class={`toast toast-${notice.tone}`} data-testid="toast">
          <div>
            <p>{notice.text}</p>
            {notice.beside && <p class="remedy" lang="en">{notice.beside}</p>}
            {notice.remedy && <p class="remedy">{t("notice.remedy", { remedy: notice.remedy })}</p>}
          </div>
          <button type="button" class="icon" aria-label={t("close")} onClick={() => dismiss(notice.id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
