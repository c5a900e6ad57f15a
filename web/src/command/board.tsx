/** The command board 指挥板: checklist, orders, posts, hand-over, drill. Key: c. */

import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { live } from "../state";
import { ChecklistPart } from "./checklist";
import { DrillPart } from "./drill";
import { HandoverPart } from "./handover";
import { Orders } from "./orders";
import { Posts } from "./posts";
import { lateOrders, part, parts } from "./state";

export function CommandBoard() {
  const shown = part.value;
  const head = useRef<HTMLHeadingElement>(null);
  const open = shown !== null;
  useEffect(() => {
    if (open) head.current?.focus();
  }, [open]);
  if (!shown) return null;
  const post = live.command.value.value;
  const late = lateOrders();
  const waiting = (live.handovers.value.value ?? []).filter((one) => one.allowed.includes("acknowledge")).length;
  return (
    <section
      class={live.drill.value.value ? "command-board under-drill" : "command-board"}
      role="dialog"
      aria-label={t("command.board")}
      data-testid="command-board"
    >
      <header>
        <h2 ref={head} tabIndex={-1}>
          {t("command.board")}
          {post?.incident && <small> {post.incident.name}</small>}
        </h2>
        <div class="tabs" role="tablist">
          {parts().map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              aria-selected={shown === name}
              data-testid={`command-${name}`}
              onClick={() => (part.value = name)}
            >
              {t(`command.${name}`)}
              {name === "orders" && late > 0 && <span class="count bad">{late}</span>}
              {name === "handover" && waiting > 0 && <span class="count">{waiting}</span>}
            </button>
          ))}
        </div>
        <button type="button" class="icon" aria-label={t("close")} onClick={() => (part.value = null)}>
          ×
        </button>
      </header>
      <div class="command-body" role="tabpanel">
        {shown === "checklist" && <ChecklistPart />}
        {shown === "orders" && <Orders />}
        {shown === "posts" && <Posts />}
        {shown === "handover" && <HandoverPart />}
        {shown === "drill" && <DrillPart />}
      </div>
    </section>
  );
}

/** In the card of the incident: the way in, and who commands. */
export function CommandButtons() {
  const post = live.command.value.value;
  const held = (post?.posts ?? []).filter((one) => one.account);
  const missing = (post?.posts ?? []).filter((one) => one.missing).length;
  const late = lateOrders();
  return (
    <div class="command-row">
      <div class="actions quiet-actions">
        <button type="button" class="quiet" data-testid="open-command" onClick={() => (part.value = "checklist")}>
          {t("command.checklist")}
        </button>
        <button type="button" class="quiet" data-testid="open-orders" onClick={() => (part.value = "orders")}>
          {t("command.orders")}
          {late > 0 && <span class="count bad">{late}</span>}
        </button>
        <button type="button" class="quiet" data-testid="open-posts" onClick={() => (part.value = "posts")}>
          {t("command.posts")}
          {missing > 0 && <span class="count bad">{t("posts.missing_n", { n: missing })}</span>}
        </button>
      </div>
      {held.length > 0 && (
        <p class="soft post-line" data-testid="post-line">
          {held.map((one) => `${one.name} ${one.account_name}`).join(" · ")}
        </p>
      )}
    </div>
  );
}
