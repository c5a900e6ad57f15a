/** What the firm asks: questions and the resumption of work; and what became of each. */

import { useEffect, useState } from "preact/hooks";
import type { CaseDetail } from "../../api/contract";
import type { FirmCase, FormField, OwnFirm } from "../../api/firms";
import { get } from "../../api/http";
import { language, t, word } from "../../i18n";
import { zone } from "../../state";
import { dayTime } from "../../time";
import { say } from "../state";
import { dropDrafts, useDraft } from "../drafts";
import { label, own } from "./known";

type Kind = "firm_question" | "resumption";
const STARS = [1, 2, 3, 4, 5];

export function Requests({ firm }: { firm: OwnFirm }) {
  const [asking, setAsking] = useState<Kind | null>(null);
  const listed = firm.cases.filter((one) => one.kind !== "freight_pass").slice(0, 20);
  const resuming = firm.cases.some((one) => one.kind === "resumption" && !["closed", "verified", "cancelled", "merged"].includes(one.state));
  const mayResume = firm.operation !== "running" && !resuming;
  return (
    <section class="card" data-testid="firm-requests">
      <h2>{t("firm.requests")}</h2>
      {listed.map((one) => (
        <CaseLine key={one.id} item={one} />
      ))}
      {asking ? (
        <Ask kind={asking} fields={firm.forms[asking]} onEnd={() => setAsking(null)} />
      ) : (
        <div class="beside">
          <button type="button" class="big" data-testid="firm-ask" onClick={() => setAsking("firm_question")}>
            {t("firm.ask")}
          </button>
          {mayResume && (
            <button type="button" class="big" data-testid="firm-resume" onClick={() => setAsking("resumption")}>
              {t("firm.resume")}
            </button>
          )}
        </div>
      )}
    </section>
  );
}

const NOTHING: Record<string, string | boolean> = {};

function Ask({ kind, fields, onEnd }: { kind: Kind; fields: FormField[]; onEnd: () => void }) {
  const place = `firm ${kind} `;
  const [form, setForm] = useDraft<Record<string, string | boolean>>(`${place}form`, NOTHING);
  const [text, setText] = useDraft(`${place}text`, "");
  const [busy, setBusy] = useState(false);
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    // a box that was not ticked is a no, and said as one
    const boxes = Object.fromEntries(fields.filter((one) => one.type === "yes_no").map((one) => [one.key, form[one.key] === true]));
    const taken = await say("/me/firm/requests", { kind, text, form: { ...form, ...boxes } }, null, word("firm.case", kind));
    setBusy(false);
    if (taken) await dropDrafts(place);
    await own.refresh();
    if (taken) onEnd();
  };
  return (
    <form onSubmit={(event) => void send(event)} data-testid={`form-${kind}`}>
      {fields.map((field) =>
        field.type === "yes_no" ? (
          <label key={field.key} class="help">
            <input
              type="checkbox"
              checked={form[field.key] === true}
              data-testid={`form-${field.key}`}
              onChange={(event) => setForm({ ...form, [field.key]: event.currentTarget.checked })}
            />
            {label(field)}
          </label>
        ) : (
          <label key={field.key} class="field">
            <span>{label(field)}</span>
            <select
              required={field.required}
              value={String(form[field.key] ?? "")}
              data-testid={`form-${field.key}`}
              onChange={(event) => setForm({ ...form, [field.key]: event.currentTarget.value })}
            >
              <option value="" />
              {field.choices.map((choice) => (
                <option key={choice.value} value={choice.value}>
                  {label(choice)}
                </option>
              ))}
            </select>
          </label>
        ),
      )}
      <label class="field">
        <span>{t("firm.words")}</span>
        <textarea rows={3} required maxLength={2000} value={text} data-testid="form-text" onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <button type="submit" class="big primary" disabled={busy} data-testid="form-submit">
        {t("phone.submit")}
      </button>
      <button type="button" class="plain-button" onClick={onEnd}>
        {t("cancel")}
      </button>
    </form>
  );
}

function CaseLine({ item }: { item: FirmCase }) {
  const [open, setOpen] = useState(false);
  return (
    <article class="firm-case" data-testid="firm-case" data-kind={item.kind} data-state={item.state}>
      <button type="button" class="firm-case-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <strong>{word("firm.case", item.kind)}</strong>
        <span class="tag">{word("case.state", item.state)}</span>
        <small class="soft">{dayTime(item.opened_at, zone(), language.value)}</small>
      </button>
      {item.text && <p>{item.text}</p>}
      {open && <Answers id={item.id} state={item.state} />}
      {item.allowed?.includes("verify") && <Confirm item={item} />}
    </article>
  );
}

/** What was said in the case, newest last. A case in which the firm has no part tells nothing. */
function Answers({ id, state }: { id: string; state: string }) {
  const [detail, setDetail] = useState<CaseDetail | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    get<CaseDetail>(`/cases/${id}`).then(setDetail, () => setFailed(true));
  }, [id, state]);
  if (failed) return <p class="soft">{t("firm.case.closed_to_you")}</p>;
  if (!detail) return <p class="soft">{t("loading")}</p>;
  return (
    <ol class="firm-history">
      {detail.history.map((entry) => {
        const said = [entry.payload["text"], entry.payload["reason"]].find((one) => typeof one === "string" && one);
        return (
          <li key={entry.seq}>
            <small class="soft">
              {dayTime(entry.at, zone(), language.value)} · {entry.actor_name}
            </small>
            <p>
              {word("history", entry.type)}
              {said ? `：${String(said)}` : ""}
            </p>
          </li>
        );
      })}
    </ol>
  );
}

/** The firm says whether it was settled: stars and yes, or what is still lacking. */
function Confirm({ item }: { item: FirmCase }) {
  const [stars, setStars] = useState(5);
  const [lacking, setLacking] = useState<string | null>(null);
  const give = async (command: string, body: Record<string, unknown>) => {
    const taken = await say(`/cases/${item.id}/${command}`, body, null, word("case.command", command));
    // the stars follow the yes: letters go in the order written, also later
    if (taken && command === "verify") {
      await say(`/cases/${item.id}/rate`, { verdict: "solved", rating: stars }, null, t("firm.stars"));
    }
    await own.refresh();
  };
  if (lacking !== null) {
    return (
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void give("reject", { reason: lacking });
        }}
      >
        <textarea rows={2} required value={lacking} aria-label={t("firm.lacking")} onInput={(event) => setLacking(event.currentTarget.value)} />
        <button type="submit" class="big primary">{t("firm.lacking.send")}</button>
      </form>
    );
  }
  return (
    <div data-testid="firm-confirm">
      <div class="stars" role="radiogroup" aria-label={t("firm.stars")}>
        {STARS.map((n) => (
          <button key={n} type="button" role="radio" aria-checked={n === stars} class={n <= stars ? "on" : ""} onClick={() => setStars(n)}>
            ★
          </button>
        ))}
      </div>
      <div class="beside">
        <button type="button" class="big primary" data-testid="firm-settled" onClick={() => void give("verify", {})}>
          {t("firm.settled")}
        </button>
        <button type="button" class="plain-button" onClick={() => setLacking("")}>
          {t("firm.not_settled")}
        </button>
      </div>
    </div>
  );
}
