/** My messages: what was sent to me, and my answer. */

import { useState } from "preact/hooks";
import type { Message } from "../api/contract";
import { language, t } from "../i18n";
import { zone } from "../state";
import { dayTime } from "../time";
import { ColourChip, Nothing } from "../ui/pieces";
import { Age } from "./as-of";
import { ReadAloud } from "./read-aloud";
import { letters, messages, say } from "./state";

export function Messages() {
  const known = messages.value.value;
  if (!known?.length) {
    return <Nothing loaded={known !== null} failed={messages.failed.value} text={t("phone.messages.none")} />;
  }
  return (
    <>
      <Age of={messages.asOf.value} />
      {known.map((message) => (
        <Card key={message.delivery} message={message} />
      ))}
    </>
  );
}

function Card({ message }: { message: Message }) {
  const path = `/deliveries/${message.delivery}/acknowledge`;
  const [given, setGiven] = useState(false);
  const waiting = letters.value.some((letter) => letter.path === path);
  const answer = async () => {
    setGiven(true);
    setGiven(await say(path, {}, null, `${t("phone.received")} · ${message.event_name}`));
  };
  return (
    <article class={`message alert-${message.colour}`} data-testid="message-card">
      <header>
        <ColourChip colour={message.colour} />
        <strong>{message.event_name}</strong>
        {message.sent_at && <time>{dayTime(message.sent_at, zone(), language.value)}</time>}
      </header>
      <p class="message-body">{message.body}</p>
      <ReadAloud id={message.delivery} text={message.body} />
      {message.answered_at ? (
        <p class="answered">✓ {t("phone.received_at", { time: dayTime(message.answered_at, zone(), language.value) })}</p>
      ) : waiting ? (
        <p class="to-send">{t("phone.task.waiting")}</p>
      ) : (
        <button type="button" class="big primary" data-testid="message-received" disabled={given} onClick={() => void answer()}>
          {t("phone.received")}
        </button>
      )}
    </article>
  );
}
