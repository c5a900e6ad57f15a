/** A firm's own page: its dossier, passes, requests, checks and plan. */

import { useState } from "preact/hooks";
import { post } from "../../api/http";
import type { OwnFirm } from "../../api/firms";
import { language, named, t, word } from "../../i18n";
import { zone } from "../../state";
import { dayTime } from "../../time";
import { Nothing } from "../../ui/pieces";
import { attempt } from "../../ui/toast";
import { Age } from "../as-of";
import { Checks } from "./checks";
import { reasonWords } from "../../passes/words";
import { own, useFresh } from "./known";
import { Passes } from "./passes";
import { Requests } from "./requests";

export function FirmPage() {
  useFresh(own);
  const firm = own.value.value;
  if (!firm) return <Nothing loaded={own.asOf.value !== null} failed={own.failed.value} text={t("firm.none")} />;
  return (
    <div class="firm-page" data-testid="firm-page">
      <Age of={own.asOf.value} />
      <Head firm={firm} />
      <Passes firm={firm} />
      <Checks firm={firm} />
      <Requests firm={firm} />
      <Plan firm={firm} />
    </div>
  );
}

function Head({ firm }: { firm: OwnFirm }) {
  return (
    <section class="card" data-testid="firm-head">
      <header>
        <h2>{named(firm)}</h2>
        <span class={`firm-colour firm-${firm.colour}`} data-testid="firm-colour">
          {word("firm.colour", firm.colour)}
        </span>
      </header>
      <p class="soft">
        {firm.id} · {firm.town_name} · {word("firm.kind", firm.kind)}
        {firm.synthetic && ` · ${t("synthetic")}`}
      </p>
      {firm.colour_set && (
        <p>{t("firm.colour.by_hand", { name: firm.colour_set.by_name ?? firm.colour_set.by, reason: firm.colour_set.reason ?? "" })}</p>
      )}
      <ul class="firm-reasons">
        {firm.reasons.map((reason) => (
          <li key={reason.code + reason.ref}>{reasonWords(reason)}</li>
        ))}
      </ul>
      <p>
        {t("firm.operation")}：<strong data-testid="firm-operation">{word("firm.operation", firm.operation)}</strong>
      </p>
      {firm.operation === "running" && <TellOperation />}
      {firm.team && (
        <p class="soft">
          {language.value === "zh" ? firm.team.name : firm.team.name_en}：{firm.team.members.join("、")}
        </p>
      )}
    </section>
  );
}

function TellOperation() {
  const [sure, setSure] = useState<string | null>(null);
  const tell = async (operation: string) => {
    await attempt(post("/me/firm/operation", { operation }), t("phone.sent"));
    setSure(null);
    await own.refresh();
  };
  if (sure) {
    return (
      <div class="beside">
        <button type="button" class="primary" data-testid="firm-sure" onClick={() => void tell(sure)}>
          {t("firm.operation.sure", { operation: word("firm.operation", sure) })}
        </button>
        <button type="button" class="plain-button" onClick={() => setSure(null)}>
          {t("cancel")}
        </button>
      </div>
    );
  }
  return (
    <div class="beside">
      {["reduced", "stopped"].map((operation) => (
        <button key={operation} type="button" class="plain-button" data-testid={`firm-${operation}`} onClick={() => setSure(operation)}>
          {t("firm.operation.tell", { operation: word("firm.operation", operation) })}
        </button>
      ))}
    </div>
  );
}

function Plan({ firm }: { firm: OwnFirm }) {
  if (!firm.measures.length) return null;
  return (
    <section class="card">
      <h2>{t("firm.plan")}</h2>
      <ul class="firm-measures">
        {firm.measures.map((one) => (
          <li key={one.id} class={one.overdue ? "overdue" : ""}>
            <span class="tag">{word("firm.measure", one.state)}</span> {one.text}
            <small class="soft">
              {" "}
              {one.department} · {t("phone.due", { time: dayTime(one.due_at, zone(), language.value) })}
            </small>
            {one.ended_text && <p class="soft">{one.ended_text}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
