/** Orders given to me 给我的指令: what, by whom, and my answer. */

import { useState } from "preact/hooks";
import type { Order } from "../api/command";
import { language, t, word } from "../i18n";
import { zone } from "../state";
import { dayTime } from "../time";
import { Due, Nothing } from "../ui/pieces";
import { Age } from "./as-of";
import { dropDrafts, useDraft } from "./drafts";
import { account } from "./person";
import { ReadAloud } from "./read-aloud";
import { letters, orders, say } from "./state";

/** Orders that wait for an answer of mine. */
export function unansweredOrders(): number {
  return (orders.value.value ?? []).filter((order) => order.state === "given").length;
}

export function Orders() {
  const found = orders.value.value;
  if (!found?.length) {
    return <Nothing loaded={found !== null} failed={orders.failed.value} text={t("phone.orders.none")} />;
  }
  return (
    <>
      <Age of={orders.asOf.value} />
      {found.map((order) => (
        <Card key={order.id} order={order} />
      ))}
    </>
  );
}

/** `mine`: given to me; else it climbed to me because nobody answered. */
function Card({ order }: { order: Order }) {
  const mine = order.to === account();
  const [words, setWords] = useDraft(`order ${order.id} words`, "");
  const [given, setGiven] = useState(false);
  const path = (command: string) => `/orders/${order.id}/${command}`;
  const waiting = (command: string) => letters.value.some((letter) => letter.path === path(command));
  async function send(command: "acknowledge" | "done"): Promise<void> {
    setGiven(true);
    const title = `${t(`orders.command.${command}`)} · ${order.by_name}`;
    const taken = await say(path(command), command === "done" ? { words } : mine ? {} : { means: "phone" }, null, title);
    if (taken && command === "done") await dropDrafts(`order ${order.id} `);
    await orders.refresh();
    setGiven(false);
  }
  const open = order.state === "given" || order.state === "acknowledged";
  return (
    <article class="card" data-testid="order-card" data-state={order.state}>
      <header>
        <strong>{order.by_name}</strong> <time>{dayTime(order.given_at, zone(), language.value)}</time>{" "}
        <span class="tag">{word("orders.state", order.state)}</span>
      </header>
      {!mine && (
        <p class="overdue" data-testid="order-climbed">{t("phone.orders.climbed", { name: order.to_name ?? "—" })}</p>
      )}
      <p class="message-body">{order.what ?? t("orders.erased")}</p>
      {order.what && <ReadAloud id={order.id} text={order.what} />}
      {order.state === "given" && order.ack_due_at && <p><Due at={order.ack_due_at} /></p>}
      {order.ended_words && <p class="soft">{t("orders.result", { text: order.ended_words })}</p>}
      {order.state === "given" &&
        (waiting("acknowledge") ? (
          <p class="to-send">{t("phone.task.waiting")}</p>
        ) : (
          <button type="button" class="big primary" data-testid="order-received" disabled={given} onClick={() => void send("acknowledge")}>
            {t(mine ? "orders.command.acknowledge" : "phone.orders.answered_for")}
          </button>
        ))}
      {open && (order.state === "acknowledged" || waiting("acknowledge")) &&
        (waiting("done") ? (
          <p class="to-send">{t("phone.task.waiting")}</p>
        ) : (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void send("done");
            }}
          >
            <label class="field">
              <span>{t("orders.result_words")}</span>
              <textarea rows={2} required maxLength={2000} value={words} onInput={(event) => setWords(event.currentTarget.value)} />
            </label>
            <button type="submit" class="big primary" data-testid="order-done" disabled={given}>
              {t("orders.command.done")}
            </button>
          </form>
        ))}
    </article>
  );
}
