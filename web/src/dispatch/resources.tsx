/** Resources 应急保障: what there is and where, what expires, who asked, what was sent. */

import { useEffect, useState } from "preact/hooks";
import { get, post } from "../api/http";
import { shortly, t, word } from "../i18n";
import { shown } from "../map/view-state";
import { showOnMap } from "../map/view";
import { openCase } from "../panels/chosen";
import { live, may } from "../state";
import { ask } from "../ui/ask";
import { Nothing, Section, Time } from "../ui/pieces";
import { attempt } from "../ui/toast";
import type { Asset, Fill, Offers, Request, Resources as Shape, Shelter } from "./shapes";

/** Carries a deed out, tells of it, and fetches the lists again. */
async function deed(path: string, body: unknown, done: string): Promise<void> {
  await attempt(post(`/resources/${path}`, body, crypto.randomUUID()), t("done.named", { name: done }));
  await Promise.all([live.resources.refresh(), live.requests.refresh()]);
}

export function amount(quantity: number, unit: string): string {
  return `${Number(quantity.toFixed(1))} ${word("unit", unit)}`;
}

export function ResourcesView() {
  const known = live.resources.value.value;
  useEffect(() => {
    if (!known) void Promise.all([live.resources.refresh(), live.requests.refresh()]);
  }, []);
  if (!known) return <Nothing loaded={false} failed={live.resources.failed.value} text="" />;
  return (
    <div data-testid="resources">
      {known.synthetic && <p class="soft small-print">{t("res.synthetic")}</p>}
      <label class="check">
        <input
          type="checkbox"
          checked={shown.value.resources}
          data-testid="show-resources"
          onChange={(event) => (shown.value = { ...shown.value, resources: event.currentTarget.checked })}
        />
        {t("res.on_map")}
      </label>
      <Requests known={known} />
      <Expiring known={known} />
      <Things assets={known.assets} />
      <Shelters shelters={known.shelters} />
      <Stock known={known} />
    </div>
  );
}

function Requests({ known }: { known: Shape }) {
  const requests = live.requests.value.value ?? [];
  const open = requests.filter((one) => one.state === "open" || one.state === "partly");
  const out = requests.filter((one) => one.fills.some((fill) => fill.state !== "closed"));
  const shown = [...new Set([...open, ...out])];
  return (
    <Section
      title={t("res.requests")}
      count={open.length}
      aside={
        may("command") && (
          <button type="button" class="small" data-testid="new-request" onClick={() => void askFor(known)}>
            {t("res.ask")}
          </button>
        )
      }
    >
      {shown.slice(0, 30).map((one) => (
        <RequestCard key={one.id} request={one} />
      ))}
      {!shown.length && <p class="nothing">{t("res.requests.none")}</p>}
    </Section>
  );
}

async function askFor(known: Shape): Promise<void> {
  const cases = (live.cases.value.peek() ?? []).filter((one) => !["closed", "cancelled", "merged"].includes(one.state));
  const kinds = [...new Set(known.assets.map((one) => one.kind))];
  const answer = await ask({
    title: t("res.ask"),
    confirm: t("res.ask"),
    fields: [
      {
        name: "case",
        label: t("res.for_case"),
        required: true,
        choices: cases.slice(0, 200).map((one) => ({ value: one.id, label: `${one.id} ${one.title}` })),
      },
      {
        name: "item",
        label: t("res.item"),
        required: true,
        choices: [
          ...known.items.map((one) => ({ value: one.item, label: `${one.item}（${amount(one.quantity, one.unit)}）` })),
          ...kinds.map((kind) => ({ value: kind, label: word("asset.kind", kind) })),
        ],
      },
      { name: "quantity", label: t("res.quantity"), required: true, lines: 1 },
      { name: "note", label: t("res.note"), lines: 2 },
    ],
  });
  if (answer) await deed("requests", { ...answer, quantity: Number(answer["quantity"]) }, t("res.ask"));
}

function RequestCard({ request }: { request: Request }) {
  const [offers, setOffers] = useState<Offers | null>(null);
  const wanting = request.state === "open" || request.state === "partly";
  const load = async () => setOffers(await attempt(get<Offers>(`/resources/requests/${request.id}/offers`)));
  useEffect(() => {
    if (offers && wanting) void load();
    else setOffers(null);
  }, [request.filled, request.state]);
  return (
    <article class="card" data-testid="request" data-request={request.id} data-state={request.state}>
      <h3>
        {itemName(request.item)} {amount(request.filled, request.unit)} / {amount(request.quantity, request.unit)}
        <span class="spring" />
        <span class="tag">{word("request.state", request.state)}</span>
      </h3>
      <p class="soft">
        <button type="button" class="quiet" onClick={() => openCase(request.case)}>
          {request.case} {request.case_title}
        </button>{" "}
        · {request.requested_by_name} <Time at={request.requested_at} />
      </p>
      {request.note && <p>{request.note}</p>}
      {request.fills.map((fill) => (
        <FillLine key={fill.id} fill={fill} unit={request.unit} />
      ))}
      {may("command") && wanting && (
        <footer class="actions">
          <button
            type="button"
            onClick={() =>
              void ask({
                title: `${t("res.cancel")} · ${request.id}`,
                confirm: t("res.cancel"),
                tone: "grave",
                fields: [{ name: "reason", label: t("ask.reason"), required: true }],
              }).then((answer) => answer && deed(`requests/${request.id}/cancel`, answer, t("res.cancel")))
            }
          >
            {t("res.cancel")}
          </button>
          <button type="button" class="primary" data-testid="offers" onClick={() => void load()}>
            {t("res.fill")}
          </button>
        </footer>
      )}
      {offers && wanting && <OfferList offers={offers} request={request} />}
    </article>
  );
}

/** Kinds of equipment have words of their own; items of a depot are words already. */
function itemName(item: string): string {
  return word("asset.kind", item);
}

function OfferList({ offers, request }: { offers: Offers; request: Request }) {
  const send = (source: string, quantity?: number) =>
    void deed(`requests/${request.id}/fill`, quantity ? { source, quantity } : { source }, t("res.send"));
  if (!offers.lots.length && !offers.assets.length) return <p class="warn-text">{t("res.nothing_there")}</p>;
  return (
    <ul class="plain-list" data-testid="offer-list">
      {offers.lots.map((lot) => (
        <li key={lot.id}>
          <span>
            {shortly({ name: lot.depot_name })} · {amount(lot.quantity, lot.unit)} · {km(lot.distance_m)}
          </span>
          <Expiry lot={lot} />
          <span class="spring" />
          {lot.suggested > 0 && (
            <button type="button" class="small" data-testid="send" onClick={() => send(lot.id, lot.suggested)}>
              {t("res.send_n", { n: amount(lot.suggested, lot.unit) })}
            </button>
          )}
        </li>
      ))}
      {offers.assets.map((one) => (
        <li key={one.id}>
          <span>
            {shortly(one)} · {amount(one.capacity, one.unit)} · {km(one.distance_m)}
          </span>
          <span class="spring" />
          <button type="button" class="small" data-testid="send" onClick={() => send(one.id)}>
            {t("res.send")}
          </button>
        </li>
      ))}
    </ul>
  );
}

function km(metres: number | null | undefined): string {
  return metres === null || metres === undefined ? "—" : `${(metres / 1000).toFixed(1)} km`;
}

function FillLine({ fill, unit }: { fill: Fill; unit: string }) {
  const left = fill.quantity - fill.returned - fill.consumed;
  const some = async (what: "return" | "consume") => {
    const answer = fill.thing
      ? {}
      : await ask({
          title: `${t(`res.${what}`)} · ${fill.id}`,
          confirm: t(`res.${what}`),
          fields: [{ name: "quantity", label: t("res.how_much", { n: amount(left, unit) }), required: true, lines: 1 }],
        });
    if (answer) {
      const quantity = fill.thing ? null : Number((answer as Record<string, string>)["quantity"]);
      await deed(`fills/${fill.id}/${what}`, { quantity }, t(`res.${what}`));
    }
  };
  return (
    <div class="line" data-testid="fill" data-state={fill.state}>
      <span class="tag">{word("fill.state", fill.state)}</span>
      <span>
        {shortly({ name: fill.source_name })} · {amount(fill.quantity, unit)}
        {fill.consumed > 0 && ` · ${t("res.used", { n: amount(fill.consumed, unit) })}`}
        {fill.returned > 0 && ` · ${t("res.back", { n: amount(fill.returned, unit) })}`}
      </span>
      <span class="spring" />
      {may("command") && fill.state === "sent" && (
        <button type="button" class="small" data-testid="receive" onClick={() => void deed(`fills/${fill.id}/receive`, {}, t("res.receive"))}>
          {t("res.receive")}
        </button>
      )}
      {may("command") && fill.state !== "closed" && (
        <>
          {!fill.thing && fill.state === "received" && (
            <button type="button" class="small" data-testid="consume" onClick={() => void some("consume")}>
              {t("res.consume")}
            </button>
          )}
          <button type="button" class="small" data-testid="return" onClick={() => void some("return")}>
            {t("res.return")}
          </button>
        </>
      )}
    </div>
  );
}

function Expiry({ lot }: { lot: { expiry: string; expires_at: string | null } }) {
  if (!lot.expires_at) return null;
  return (
    <span class={`expiry expiry-${lot.expiry}`}>
      {word("expiry", lot.expiry)} {lot.expires_at.slice(0, 10)}
    </span>
  );
}

function Expiring({ known }: { known: Shape }) {
  const lots = known.depots
    .flatMap((depot) => depot.lots.map((lot) => ({ ...lot, depot_name: depot.name })))
    .filter((lot) => lot.expiry !== "good" && lot.quantity > 0)
    .sort((a, b) => (a.expires_at ?? "").localeCompare(b.expires_at ?? ""));
  if (!lots.length) return null;
  return (
    <Section title={t("res.expiring")} count={lots.length}>
      <ul class="plain-list" data-testid="expiring">
        {lots.slice(0, 12).map((lot) => (
          <li key={lot.id}>
            <Expiry lot={lot} />
            <span>
              {lot.item} {amount(lot.quantity, lot.unit)}
            </span>
            <span class="spring" />
            <span class="soft">{shortly({ name: lot.depot_name })}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

const ENDED = new Set(["done", "expired"]);
const BY_HAND = ["ready", "resting", "repair"] as const;

function Things({ assets }: { assets: Asset[] }) {
  const kinds = [...new Set(assets.map((one) => one.kind))];
  return (
    <Section title={t("res.things")}>
      {kinds.map((kind) => {
        const own = assets.filter((one) => one.kind === kind);
        const ready = own.filter((one) => one.state === "ready").length;
        return (
          <details key={kind} class="group" data-testid={`things-${kind}`}>
            <summary>
              {word("asset.kind", kind)} <span class="soft">{t("res.ready_of", { ready, all: own.length })}</span>
            </summary>
            <ul class="plain-list">
              {own.map((one) => (
                <Thing key={one.id} one={one} />
              ))}
            </ul>
          </details>
        );
      })}
    </Section>
  );
}

function Thing({ one }: { one: Asset }) {
  return (
    <li data-testid="thing" data-state={one.state}>
      <button type="button" class="quiet" onClick={() => showOnMap(one.lon, one.lat)}>
        {shortly(one)}
      </button>
      <span class="soft">
        {amount(one.capacity, one.unit)} · {one.department || one.territory_name}
        {one.skills.length > 0 && ` · ${one.skills.map((skill) => word("skill", skill)).join("、")}`}
      </span>
      <span class="spring" />
      {one.state === "out" && ENDED.has(one.task_state ?? "") && <span class="warn-text">{t("res.may_come_back")}</span>}
      {one.case && (
        <button type="button" class="quiet" onClick={() => openCase(one.case!)}>
          {one.case}
        </button>
      )}
      {may("command") ? (
        <select
          class="small"
          aria-label={t("res.state")}
          value={one.state}
          onChange={(event) => void deed(`assets/${one.id}/state`, { state: event.currentTarget.value }, shortly(one))}
        >
          {(one.state === "out" ? ["out", ...BY_HAND] : BY_HAND).map((state) => (
            <option key={state} value={state}>
              {word("asset.state", state)}
            </option>
          ))}
        </select>
      ) : (
        <span class="tag">{word("asset.state", one.state)}</span>
      )}
    </li>
  );
}

function Shelters({ shelters }: { shelters: Shelter[] }) {
  const open = shelters.filter((one) => one.open);
  const taken = shelters.reduce((sum, one) => sum + one.taken, 0);
  const places = shelters.reduce((sum, one) => sum + one.capacity, 0);
  const move = async (one: Shelter, sign: 1 | -1) => {
    const name = t(sign > 0 ? "res.came" : "res.left");
    const answer = await ask({
      title: `${name} · ${shortly(one)}`,
      confirm: name,
      fields: [{ name: "persons", label: t("res.persons"), required: true, lines: 1 }],
    });
    if (answer) await deed(`shelters/${one.id}/people`, { persons: sign * Number(answer["persons"]) }, name);
  };
  return (
    <Section title={t("res.shelters")}>
      <details class="group" data-testid="shelters">
        <summary>
          {t("res.shelters.sum", { open: open.length, all: shelters.length })}{" "}
          <span class="soft">{t("res.places", { taken, places })}</span>
        </summary>
        <ul class="plain-list">
          {shelters.map((one) => (
            <li key={one.id} data-testid="shelter" data-shelter={one.id}>
              <button type="button" class="quiet" onClick={() => showOnMap(one.lon, one.lat)}>
                {shortly(one)}
              </button>
              <span class="soft">{t("res.places", { taken: one.taken, places: one.capacity })}</span>
              <span class="spring" />
              {may("command") ? (
                <>
                  {one.open && (
                    <>
                      <button type="button" class="small" data-testid="came" onClick={() => void move(one, 1)}>
                        {t("res.came")}
                      </button>
                      <button type="button" class="small" data-testid="left" onClick={() => void move(one, -1)}>
                        {t("res.left")}
                      </button>
                    </>
                  )}
                  <button
                    type="button"
                    class="small"
                    data-testid="shelter-open"
                    onClick={() => void deed(`shelters/${one.id}/open`, { open: !one.open }, shortly(one))}
                  >
                    {t(one.open ? "res.close" : "res.open")}
                  </button>
                </>
              ) : (
                <span class="tag">{t(one.open ? "res.is_open" : "res.is_closed")}</span>
              )}
            </li>
          ))}
        </ul>
      </details>
    </Section>
  );
}

function Stock({ known }: { known: Shape }) {
  return (
    <Section title={t("res.stock")}>
      {known.items.map((item) => (
        <details key={item.item} class="group">
          <summary>
            {item.item} <span class="soft">{amount(item.quantity, item.unit)}</span>
            {item.expired > 0 && <span class="expiry expiry-expired">{t("res.expired_n", { n: amount(item.expired, item.unit) })}</span>}
          </summary>
          <ul class="plain-list">
            {known.depots.flatMap((depot) =>
              depot.lots
                .filter((lot) => lot.item === item.item)
                .map((lot) => (
                  <li key={lot.id}>
                    <button type="button" class="quiet" onClick={() => showOnMap(depot.lon, depot.lat)}>
                      {shortly(depot)}
                    </button>
                    <span class="spring" />
                    <Expiry lot={lot} />
                    <span>{amount(lot.quantity, lot.unit)}</span>
                  </li>
                )),
            )}
          </ul>
        </details>
      ))}
    </Section>
  );
}
