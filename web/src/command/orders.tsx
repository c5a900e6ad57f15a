/** The command log 指令记录: give an order or put one down; who has answered, who has not. */

import { useState } from "preact/hooks";
import type { Order } from "../api/command";
import { address, post } from "../api/http";
import { t, word } from "../i18n";
import { live, may, session, zone } from "../state";
import { fromInput } from "../time";
import { ask } from "../ui/ask";
import { Due, Nothing, Time } from "../ui/pieces";
import { attempt } from "../ui/toast";
import { atWork } from "./state";

const KINDS = ["order", "report", "decision"] as const;
const MEANS = ["desk", "phone", "radio", "face", "written"] as const;
const VIEWS = ["all", "unanswered", "open"] as const;

export function Orders() {
  const known = live.command.value.value;
  const [view, setView] = useState<(typeof VIEWS)[number]>("all");
  if (!known) return <Nothing loaded={false} failed={live.command.failed.value} text="" />;
  if (!known.incident) return <Nothing loaded text={t("command.no_incident")} />;
  const shown = known.orders.filter((order) =>
    view === "all" ? true : view === "unanswered" ? order.state === "given" : ["given", "acknowledged"].includes(order.state),
  );
  return (
    <div class="orders">
      {known.may_write && <NewOrder incident={known.incident.id} />}
      <div class="command-bar">
        <div class="segmented" role="group" aria-label={t("orders.filter")}>
          {VIEWS.map((name) => (
            <button key={name} type="button" aria-pressed={view === name} onClick={() => setView(name)}>
              {t(`orders.view.${name}`)}
            </button>
          ))}
        </div>
        <span class="spring" />
        {may("journal") && (
          <>
            <a href={address(`/incidents/${known.incident.id}/log.html`)} target="_blank" rel="noreferrer">
              {t("orders.print")}
            </a>
            <a href={address(`/incidents/${known.incident.id}/log.csv`)} download>
              {t("orders.export")}
            </a>
          </>
        )}
      </div>
      {shown.length === 0 ? (
        <Nothing loaded text={t(view === "all" ? "orders.none" : "orders.none_open")} />
      ) : (
        <table class="command-table" data-testid="orders">
          <thead>
            <tr>
              <th>{t("orders.when")}</th>
              <th>{t("orders.from_to")}</th>
              <th>{t("orders.what")}</th>
              <th>{t("orders.answer")}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {shown.map((order) => (
              <Line key={order.id} order={order} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function Line({ order }: { order: Order }) {
  const bad = order.state === "given" && order.late;
  return (
    <tr class={bad ? "bad" : order.state === "done" || order.state === "withdrawn" ? "ended" : ""} data-testid="order" data-state={order.state}>
      <td>
        <Time at={order.given_at} />
        <small class="soft">
          {order.id} · {word("orders.means", order.means)}
        </small>
      </td>
      <td>
        <span class="tag">{word("orders.kind", order.kind)}</span>{" "}
        {order.kind === "report" ? (
          order.to_name
        ) : (
          <>
            {order.by_name}
            {order.to_name && <> → <b>{order.to_name}</b></>}
          </>
        )}
        {order.entered_by !== order.by && (
          <small class="soft">{t("orders.entered_by", { name: order.entered_by_name })}</small>
        )}
      </td>
      <td class="words">
        {order.what ?? t("orders.erased")}
        {order.answer && <small class="soft">{t("orders.answered", { text: order.answer })}</small>}
        {order.ended_words && <small class="soft">{t("orders.result", { text: order.ended_words })}</small>}
      </td>
      <td>
        {order.kind === "order" && <span class="tag">{word("orders.state", order.state)}</span>}{" "}
        {order.state === "given" && order.ack_due_at && <Due at={order.ack_due_at} />}
        {order.told_at && (
          <small class="overdue" data-testid="order-climbed">
            {t("orders.climbed", { names: order.told_names.join("、") })} <Time at={order.told_at} />
          </small>
        )}
        {order.acknowledged_at && (
          <small class={order.late ? "overdue" : "soft"}>
            <Time at={order.acknowledged_at} /> {order.acknowledged_by_name}
            {order.acknowledged_means && order.acknowledged_means !== "desk" && ` · ${word("orders.means", order.acknowledged_means)}`}
            {order.late && ` · ${t("orders.late")}`}
          </small>
        )}
      </td>
      <td class="buttons">
        {order.allowed.map((command) => (
          <button
            key={command}
            type="button"
            class="small"
            data-testid={`order-${command}`}
            onClick={() => void give(order, command)}
          >
            {t(`orders.command.${command as "acknowledge" | "done" | "withdraw"}`)}
          </button>
        ))}
      </td>
    </tr>
  );
}

async function give(order: Order, command: string): Promise<void> {
  const own = order.to === session.value.peek()?.account?.id;
  const fields =
    command === "acknowledge"
      ? [
          ...(own
            ? []
            : [
                {
                  name: "means",
                  label: t("orders.how_answered"),
                  required: true,
                  choices: MEANS.slice(1).map((name) => ({ value: name, label: word("orders.means", name) })),
                },
              ]),
          { name: "words", label: t("orders.answer_words"), lines: 2 },
        ]
      : [{ name: "words", label: t(command === "done" ? "orders.result_words" : "ask.reason"), required: true, lines: 2 }];
  const answer = await ask({
    title: t(`orders.command.${command as "acknowledge" | "done" | "withdraw"}`),
    detail: <p class="lead">{order.what}</p>,
    fields,
    confirm: t(`orders.command.${command as "acknowledge" | "done" | "withdraw"}`),
    ...(command === "withdraw" ? { tone: "grave" as const } : {}),
  });
  if (!answer) return;
  await attempt(post(`/orders/${order.id}/${command}`, answer), t("orders.kept"));
  await live.command.refresh();
}

const EMPTY = { kind: "order", to: "", by: "", means: "desk", what: "", at: "", ack: "15" };

function NewOrder({ incident }: { incident: string }) {
  const [form, setForm] = useState(EMPTY);
  const [busy, setBusy] = useState(false);
  const people = atWork.value.value ?? [];
  if (may("journal") && atWork.value.value === null && !atWork.failed.value) void atWork.refresh();
  const set = (change: Partial<typeof EMPTY>) => setForm({ ...form, ...change });
  const staff = [...new Map((live.command.value.value?.posts ?? []).filter((one) => one.account).map((one) => [one.account!, `${one.name} ${one.account_name}`]))];

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    // an order to an account must not go out as mere words because the list came late
    if (may("journal") && atWork.value.peek() === null) await atWork.refresh();
    const account = atWork.value.peek()?.find((one) => `${one.name} ${one.id}` === form.to);
    const done = await attempt(
      post(
        `/incidents/${incident}/orders`,
        {
          kind: form.kind,
          what: form.what,
          to: form.kind === "decision" ? null : (account?.id ?? null),
          to_name: form.kind === "decision" || account ? "" : form.to,
          by: form.by || null,
          means: form.means,
          given_at: form.at ? fromInput(form.at, zone()) : null,
          ack_min: Number(form.ack) || 15,
        },
        crypto.randomUUID(),
      ),
      t("orders.kept"),
    );
    setBusy(false);
    if (!done) return;
    setForm({ ...EMPTY, means: form.means });
    await live.command.refresh();
  }

  return (
    <form class="order-form" data-testid="order-form" onSubmit={(event) => void send(event)}>
      <label class="field">
        <span>{t("orders.kind")}</span>
        <select value={form.kind} data-testid="order-kind" onChange={(e) => set({ kind: e.currentTarget.value })}>
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>{word("orders.kind", kind)}</option>
          ))}
        </select>
      </label>
      {form.kind !== "decision" && (
        <label class="field wide">
          <span>{t(form.kind === "report" ? "orders.reporter" : "orders.to")}</span>
          <input
            list="at-work"
            required
            data-testid="order-to"
            placeholder={t("orders.to_hint")}
            value={form.to}
            onInput={(e) => set({ to: e.currentTarget.value })}
          />
          <datalist id="at-work">
            {people.map((one) => (
              <option key={one.id} value={`${one.name} ${one.id}`}>
                {[word("role", one.role), one.territory_name, one.department].filter(Boolean).join(" · ")}
              </option>
            ))}
          </datalist>
        </label>
      )}
      <label class="field">
        <span>{t("orders.by")}</span>
        <select value={form.by} onChange={(e) => set({ by: e.currentTarget.value })}>
          <option value="">{t("orders.by_me")}</option>
          {staff.map(([account, label]) => (
            <option key={account} value={account}>{label}</option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{t("orders.means")}</span>
        <select value={form.means} data-testid="order-means" onChange={(e) => set({ means: e.currentTarget.value })}>
          {MEANS.map((name) => (
            <option key={name} value={name}>{word("orders.means", name)}</option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{t("orders.at")}</span>
        <input type="datetime-local" value={form.at} onInput={(e) => set({ at: e.currentTarget.value })} />
      </label>
      {form.kind === "order" && (
        <label class="field narrow">
          <span>{t("orders.ack_min")}</span>
          <input type="number" min={1} max={1440} value={form.ack} onInput={(e) => set({ ack: e.currentTarget.value })} />
        </label>
      )}
      <label class="field words">
        <span>{t("orders.what")}</span>
        <textarea rows={2} required maxLength={2000} data-testid="order-what" value={form.what} onInput={(e) => set({ what: e.currentTarget.value })} />
      </label>
      <button type="submit" class="primary" disabled={busy} data-testid="order-give">
        {t(form.kind === "order" ? "orders.give" : "orders.put_down")}
      </button>
    </form>
  );
}
