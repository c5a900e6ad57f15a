/** Freight passes of the firm: asking for one, and showing its code, also without a signal. */

import { useState } from "preact/hooks";
import type { FreightPass, OwnFirm } from "../../api/firms";
import { language, t, word } from "../../i18n";
import { QrCode } from "../../passes/qr";
import { cargoWord } from "../../passes/words";
import { eventNow, zone } from "../../state";
import { dayTime } from "../../time";
import { say } from "../state";
import { label, own } from "./known";

const STARTS = [0, 2, 6, 12, 24];
const LENGTHS = [6, 12, 24, 48, 72];
const HOUR = 3600_000;

export function Passes({ firm }: { firm: OwnFirm }) {
  const [asking, setAsking] = useState(false);
  const shown = firm.passes.filter((one) => one.state !== "expired").slice(0, 12);
  return (
    <section class="card" data-testid="firm-passes">
      <h2>{t("pass.title")}</h2>
      {shown.map((one) => (
        <PassCard key={one.id} pass={one} />
      ))}
      {!shown.length && !asking && <p class="soft">{t("pass.none")}</p>}
      {asking ? (
        <Ask firm={firm} onEnd={() => setAsking(false)} />
      ) : (
        <button type="button" class="big" data-testid="pass-ask" onClick={() => setAsking(true)}>
          {t("pass.ask")}
        </button>
      )}
    </section>
  );
}

function PassCard({ pass }: { pass: FreightPass }) {
  const [open, setOpen] = useState(false);
  // the list may be old: the phone's own clock says what is over
  const over = Date.parse(pass.valid_to) <= eventNow();
  const state = pass.state === "issued" && over ? "expired" : pass.state;
  return (
    <article class="pass" data-testid="pass" data-state={state}>
      <header>
        <strong class="plate">{pass.plate}</strong>
        <span class={`tag pass-${state}`}>{word("pass.state", state)}</span>
      </header>
      <p>
        {cargoWord(pass.cargo)} · {pass.origin} → {pass.destination}
      </p>
      <p class="soft">
        {pass.id} · {dayTime(pass.valid_from, zone(), language.value)} – {dayTime(pass.valid_to, zone(), language.value)}
      </p>
      {pass.reason && <p class="warning-note">{pass.reason}</p>}
      {state === "issued" && (
        <button type="button" class="big primary" data-testid="pass-show" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? "pass.hide" : "pass.show")}
        </button>
      )}
      {open && state === "issued" && (
        <div class="pass-code">
          <QrCode text={pass.token} label={t("pass.code", { plate: pass.plate })} />
          <p class="soft">{t("pass.code.hint")}</p>
          <details>
            <summary>{t("pass.as_text")}</summary>
            <code data-testid="pass-token">{pass.token}</code>
          </details>
        </div>
      )}
    </article>
  );
}

function Ask({ firm, onEnd }: { firm: OwnFirm; onEnd: () => void }) {
  const [values, setValues] = useState<Record<string, string>>({});
  const [start, setStart] = useState(0);
  const [length, setLength] = useState(24);
  const [busy, setBusy] = useState(false);
  const fields = firm.forms.freight_pass.filter((field) => field.type !== "moment");
  const lengths = LENGTHS.filter((hours) => hours <= firm.longest_pass_h);
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const from = eventNow() + start * HOUR;
    const times = { valid_from: new Date(from).toISOString(), valid_to: new Date(from + length * HOUR).toISOString() };
    const taken = await say("/me/firm/passes", { ...values, ...times }, null, `${t("pass.title")} · ${values["plate"] ?? ""}`);
    setBusy(false);
    await own.refresh();
    if (taken) onEnd();
  };
  return (
    <form onSubmit={(event) => void send(event)} data-testid="pass-form">
      {fields.map((field) => (
        <label key={field.key} class="field">
          <span>{label(field)}</span>
          {field.choices.length ? (
            <select
              required={field.required}
              value={values[field.key] ?? ""}
              data-testid={`pass-${field.key}`}
              onChange={(event) => setValues({ ...values, [field.key]: event.currentTarget.value })}
            >
              <option value="" />
              {field.choices.map((choice) => (
                <option key={choice.value} value={choice.value}>
                  {label(choice)}
                </option>
              ))}
            </select>
          ) : (
            <input
              required={field.required}
              maxLength={24}
              value={values[field.key] ?? ""}
              placeholder={language.value === "zh" ? field.hint : field.hint_en}
              data-testid={`pass-${field.key}`}
              onInput={(event) => setValues({ ...values, [field.key]: event.currentTarget.value })}
            />
          )}
        </label>
      ))}
      <div class="beside">
        <label class="field">
          <span>{t("pass.start")}</span>
          <select value={start} onChange={(event) => setStart(Number(event.currentTarget.value))}>
            {STARTS.map((hours) => (
              <option key={hours} value={hours}>
                {hours ? t("pass.in_hours", { n: hours }) : t("pass.now")}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{t("pass.length")}</span>
          <select value={length} onChange={(event) => setLength(Number(event.currentTarget.value))}>
            {lengths.map((hours) => (
              <option key={hours} value={hours}>
                {t("pass.hours", { n: hours })}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p class="soft">{t("pass.no_phone")}</p>
      <button type="submit" class="big primary" disabled={busy} data-testid="pass-submit">
        {t("pass.submit")}
      </button>
      <button type="button" class="plain-button" onClick={onEnd}>
        {t("cancel")}
      </button>
    </form>
  );
}
