/** Firms 企业: by town and colour, with why; and the passes of the task force. */

import { useEffect, useState } from "preact/hooks";
import type { FirmColour, FirmLine, FreightPass } from "../api/firms";
import { post } from "../api/http";
import { language, named, shortly, t, word } from "../i18n";
import { cargoWord, reasonWords } from "../passes/words";
import { may, zone } from "../state";
import { dayTime } from "../time";
import { ask } from "../ui/ask";
import { Nothing } from "../ui/pieces";
import { attempt } from "../ui/toast";
import { firms, follow, openedFirm, passes, refreshFirms } from "./firms-state";

const COLOURS: readonly FirmColour[] = ["red", "yellow", "green"];
const MOST = 150;

export function Firms() {
  const [view, setView] = useState<"firms" | "passes">("firms");
  useEffect(follow, []);
  const asked = (passes.value.value ?? []).filter((one) => one.state === "asked").length;
  return (
    <div class="firms" data-testid="firms">
      <div class="segmented" role="group" aria-label={t("tab.firms")}>
        {(["firms", "passes"] as const).map((name) => (
          <button key={name} type="button" aria-pressed={view === name} data-testid={`firms-${name}`} onClick={() => setView(name)}>
            {t(name === "firms" ? "tab.firms" : "pass.title")}
            {name === "passes" && asked > 0 && <span class="count">{asked}</span>}
          </button>
        ))}
      </div>
      {view === "firms" ? <List /> : <Passes />}
    </div>
  );
}

function matches(firm: FirmLine, typed: string): boolean {
  const text = `${firm.id} ${firm.name} ${firm.name_en} ${firm.territory_name} ${word("firm.kind", firm.kind)}`;
  return text.toLowerCase().includes(typed.trim().toLowerCase());
}

function List() {
  const [colour, setColour] = useState<FirmColour | "">("");
  const [town, setTown] = useState("");
  const [typed, setTyped] = useState("");
  const [essential, setEssential] = useState(false);
  const known = firms.value.value;
  const all = known ?? [];
  const towns = [...new Map(all.map((one) => [one.town, one.town_name]))].sort();
  const here = all.filter((one) => (!town || one.town === town) && (!essential || one.essential) && matches(one, typed));
  const listed = here.filter((one) => !colour || one.colour === colour);
  return (
    <>
      <div class="filters" role="group" aria-label={t("filter")}>
        {COLOURS.map((name) => (
          <button
            key={name}
            type="button"
            class={colour === name ? "on" : ""}
            aria-pressed={colour === name}
            data-testid={`firms-${name}`}
            onClick={() => setColour(colour === name ? "" : name)}
          >
            <span class={`firm-dot firm-${name}`} aria-hidden="true" /> {word("firm.colour", name)}{" "}
            <span>{here.filter((one) => one.colour === name).length}</span>
          </button>
        ))}
        <button type="button" class={essential ? "on" : ""} aria-pressed={essential} onClick={() => setEssential(!essential)}>
          {t("firm.essential")}
        </button>
      </div>
      <div class="firms-find">
        <select value={town} aria-label={t("firm.town")} data-testid="firms-town" onChange={(event) => setTown(event.currentTarget.value)}>
          <option value="">{t("firm.all_towns")}</option>
          {towns.map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
        <input
          type="search"
          value={typed}
          placeholder={t("firm.search")}
          aria-label={t("firm.search")}
          data-testid="firms-search"
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      {listed.slice(0, MOST).map((one) => (
        <Line key={one.id} firm={one} />
      ))}
      {listed.length > MOST && <p class="nothing">{t("more", { n: listed.length - MOST })}</p>}
      {!listed.length && <Nothing loaded={known !== null} failed={firms.failed.value} text={t("firm.list.none")} />}
      {all.some((one) => one.synthetic) && <p class="soft">{t("firm.synthetic")}</p>}
    </>
  );
}

function Line({ firm }: { firm: FirmLine }) {
  const first = firm.reasons[0];
  return (
    <button type="button" class="case firm-line" data-testid="firm-line" data-firm={firm.id} data-colour={firm.colour} onClick={() => (openedFirm.value = firm.id)}>
      <span class="case-title">
        <span class={`firm-dot firm-${firm.colour}`} title={word("firm.colour", firm.colour)} />
        <strong>{shortly(firm)}</strong>
        {firm.colour_set && <span class="tag">{t("firm.set_by_hand")}</span>}
      </span>
      <span class="case-line">
        <span>{firm.town_name}</span>
        <span>{word("firm.kind", firm.kind)}</span>
        {firm.essential && <span class="tag">{t("firm.essential")}</span>}
        <span class="spring" />
        {first && <span class="firm-why">{reasonWords(first)}{firm.reasons.length > 1 && ` +${firm.reasons.length - 1}`}</span>}
      </span>
    </button>
  );
}

function Passes() {
  const known = passes.value.value;
  const order = ["asked", "issued", "revoked", "refused", "expired"];
  const listed = [...(known ?? [])].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  return (
    <>
      {listed.map((one) => (
        <PassLine key={one.id} pass={one} />
      ))}
      {!listed.length && <Nothing loaded={known !== null} failed={passes.failed.value} text={t("pass.list.none")} />}
      {may("decide") && (
        <footer class="actions">
          <button type="button" data-testid="pass-retire-keys" onClick={() => void retireKeys()}>
            {t("pass.retire_keys")}
          </button>
        </footer>
      )}
    </>
  );
}

/** A signing key that may have been copied: every pass signed so far stops to hold. */
async function retireKeys(): Promise<void> {
  const answer = await ask({
    title: t("pass.retire_keys"),
    detail: <p>{t("pass.retire_keys.sure", { n: (passes.value.peek() ?? []).filter((one) => one.state === "issued").length })}</p>,
    fields: [{ name: "reason", label: t("ask.reason"), required: true }],
    confirm: t("pass.retire_keys"),
    tone: "grave",
  });
  if (!answer) return;
  await attempt(post("/passes/keys/retire", { reason: answer["reason"] }), t("done.named", { name: t("pass.retire_keys") }));
  await refreshFirms();
}

export function PassLine({ pass }: { pass: FreightPass }) {
  const decide = async (verb: "issue" | "refuse" | "revoke") => {
    const name = t(`pass.${verb}`);
    const reason = verb === "issue" ? {} : await ask({ title: `${name} · ${pass.id}`, fields: [{ name: "reason", label: t("ask.reason"), required: true }], confirm: name, tone: "grave" });
    if (!reason) return;
    await attempt(post(`/passes/${pass.id}/${verb}`, reason), t("done.named", { name }));
    await refreshFirms();
  };
  return (
    <article class="case pass-line" data-testid="pass-line" data-pass={pass.id} data-state={pass.state}>
      <p class="case-title">
        <strong>{pass.plate}</strong> <span class="tag">{word("pass.state", pass.state)}</span>
        <span class="spring" />
        <span class="mono soft">{pass.id}</span>
      </p>
      <p>
        {pass.firm_name && (
          <button type="button" class="link" onClick={() => (openedFirm.value = pass.firm)}>
            {named({ name: pass.firm_name, name_en: pass.firm_name_en ?? null })}
          </button>
        )}{" "}
        {cargoWord(pass.cargo)} · {pass.origin} → {pass.destination}
      </p>
      <p class="soft">
        {dayTime(pass.valid_from, zone(), language.value)} – {dayTime(pass.valid_to, zone(), language.value)}
        {pass.decided_by_name && ` · ${pass.decided_by_name}`}
      </p>
      {pass.reason && <p class="said">{pass.reason}</p>}
      {pass.decidable && (pass.state === "asked" || pass.state === "issued") && (
        <footer class="actions">
          {(pass.state === "asked" ? (["issue", "refuse"] as const) : (["revoke"] as const)).map((verb) => (
            <button key={verb} type="button" class={verb === "issue" ? "primary" : ""} data-testid={`pass-${verb}`} onClick={() => void decide(verb)}>
              {t(`pass.${verb}`)}
            </button>
          ))}
        </footer>
      )}
    </article>
  );
}
