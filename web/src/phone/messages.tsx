/** My messages: what was sent to me, and my answer. */

import { useState } from "preact/hooks";
import type { Message } from "../api/contract";
import { language, t } from "../i18n";
import { zone } from "../state";
import { dayTime } from "../time";
import { ColourChip, Nothing } from "../ui/pieces";
import { messages, say } from "./state";

export function Messages() {
  const known = messages.value.value;
  if (!known?.length) {
    return <Nothing loaded={known !== null} failed={messages.failed.value} text={t("phone.messages.none")} />;
  }
  return (
    <>
      {known.map((message) => (
        <Card key={message.delivery} message={message} />
      ))}
    </>
  );
}

function Card({ message }: { message: Message }) {
  const [given, setGiven] = useState(false);
  const answer = async () => {
    setGiven(true);
    setGiven(await say(`/deliveries/${message.delivery}/acknowledge`));
  };
  return (
    <article class={`message alert-${message.colour}`} data-testid="message-card">
      <header>
        <ColourChip colour={message.colour} />
        <strong>{message.event_name}</strong>
        {message.sent_at && <time>{dayTime(message.sent_at, zone(), language.value)}</time>}
      </header>
      <p class="message-body">{message.body}</p>
      {message.answered_at ? (
        <p class="answered">✓ {t("phone.received_at", { time: dayTime(message.answered_at, zone(), language.value) })}</p>
      ) : (
        <button type="button" class="big primary" data-testid="message-received" disabled={given} onClick={() => void answer()}>
          {t("phone.received")}
        </button>
      )}
    </article>
  );
}
