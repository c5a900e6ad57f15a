/** The volunteers themselves: by skill and validity, applications to decide, contact by purpose. */

import { useState } from "preact/hooks";
import { address, post } from "../api/http";
import type { HeldSkill, Volunteer } from "../api/volunteer";
import { t, word } from "../i18n";
import { session } from "../state";
import { ask } from "../ui/ask";
import { Dialog } from "../ui/dialog";
import { Nothing } from "../ui/pieces";
import { attempt } from "../ui/toast";
import { asked, order, roster, skillName } from "./state";

const FILTERS = ["all", "applied", "expiring"] as const;

function expiring(skill: HeldSkill): boolean {
  return skill.soon || skill.state === "expired";
}

export function People() {
  const [filter, setFilter] = useState<(typeof FILTERS)[number]>("all");
  const [skill, setSkill] = useState("");
  const known = roster.value.value;
  const all = known?.volunteers ?? [];
  const listed = all.filter(
    (one) =>
      (filter === "all" || (filter === "applied" ? one.state === "applied" : one.skills.some(expiring))) &&
      (!skill || one.skills.some((held) => held.skill === skill)),
  );
  // who waits for a decision, then whose training holds, then by how often they came
  listed.sort((a, b) => Number(b.state === "applied") - Number(a.state === "applied") || valid(b, skill) - valid(a, skill) || b.past.came - a.past.came || (a.id < b.id ? -1 : 1));
  return (
    <>
      <div class="filters" role="group" aria-label={t("filter")}>
        {FILTERS.map((name) => (
          <button key={name} type="button" class={filter === name ? "on" : ""} aria-pressed={filter === name} onClick={() => setFilter(name)}>
            {t(`vo.filter.${name}`)}
          </button>
        ))}
        <select value={skill} aria-label={t("vo.skill")} data-testid="vo-by-skill" onChange={(event) => setSkill(event.currentTarget.value)}>
          <option value="">{t("vo.skill.any")}</option>
          {(known?.rules.skills ?? []).map((one) => (
            <option key={one.id} value={one.id}>
              {skillName(one.id)}
            </option>
          ))}
        </select>
      </div>
      {!listed.length && <Nothing loaded={known !== null} failed={roster.failed.value} text={t("vo.none")} />}
      {listed.slice(0, 200).map((one) => (
        <Person key={one.id} one={one} />
      ))}
    </>
  );
}

function valid(one: Volunteer, skill: string): number {
  return one.skills.some((held) => (!skill || held.skill === skill) && held.state === "valid") ? 1 : 0;
}

function Person({ one }: { one: Volunteer }) {
  const path = `/volunteers/${one.id}`;
  return (
    <article class="volunteer" data-testid="volunteer" data-state={one.state} data-volunteer={one.id}>
      <header>
        <strong>
          {one.id} {one.name}
        </strong>
        {one.state !== "approved" && <span class="tag">{word("volunteer.state", one.state)}</span>}
        {one.out && <span class="tag">{t("claim.state.on_site")}</span>}
        <span class="soft">{one.territory_name}</span>
        <span class="spring" />
        <small>
          {t("v.record", { ...one.past })} · {t("v.hours", { hours: (one.minutes / 60).toFixed(1) })}
        </small>
      </header>
      <ul class="skills">
        {one.skills.map((held) => (
          <li key={held.skill} class={held.state} title={held.expires_at ?? ""}>
            {skillName(held.skill)} · {word("skill.state", held.state)}
            {held.expires_at && ` · ${t("v.until", { day: held.expires_at.slice(0, 10) })}`}
            {held.proof && (
              <a class="quiet" href={address(`/attachments/${held.proof}`)} target="_blank" rel="noreferrer">
                {t("vo.proof")}
              </a>
            )}
            {held.state === "unverified" && (
              <button type="button" class="small" data-testid="vo-verify" onClick={() => void order(`${path}/verify_skill`, { skill: held.skill })}>
                {t("vo.verify")}
              </button>
            )}
          </li>
        ))}
      </ul>
      <div class="volunteers-tools">
        {one.state === "applied" && (
          <>
            <button type="button" class="primary small" data-testid="vo-approve" onClick={() => void order(`${path}/approve`, {})}>
              {t("vo.approve")}
            </button>
            <button
              type="button"
              class="small"
              onClick={() =>
                void asked(`${path}/refuse`, {
                  title: `${t("vo.refuse")} · ${one.id}`,
                  fields: [{ name: "reason", label: t("vo.reason"), required: true }],
                  confirm: t("vo.refuse"),
                })
              }
            >
              {t("vo.refuse")}
            </button>
          </>
        )}
        <Contact one={one} />
      </div>
    </article>
  );
}

/** Name and number, for a purpose; gone again when the dialog closes. */
function Contact({ one }: { one: Volunteer }) {
  const [told, setTold] = useState<{ name: string; phone: string } | null>(null);
  const show = async () => {
    const answer = await ask({
      title: `${t("vo.contact")} · ${one.id}`,
      detail: <p class="soft">{t("vo.contact.logged")}</p>,
      fields: [
        {
          name: "purpose",
          label: t("vo.contact.purpose"),
          required: true,
          choices: (roster.value.value?.purposes ?? []).map((name) => ({ value: name, label: word("purpose", name) })),
        },
        { name: "reason", label: t("vo.reason"), required: true, lines: 2 },
      ],
      confirm: t("vo.contact"),
    });
    if (!answer) return;
    const came = await attempt(post<{ result: { name: string; phone: string } }>(`/volunteers/${one.id}/contact`, answer));
    if (came) setTold(came.result);
  };
  return (
    <>
      <button type="button" class="quiet small" data-testid="vo-contact" onClick={() => void show()}>
        {t("vo.contact")}
      </button>
      {told && (
        <Dialog title={one.id} onClose={() => setTold(null)} testid="vo-contact-told">
          <p>
            <strong>{told.name}</strong> <a href={`tel:${told.phone}`}>{told.phone}</a>
          </p>
        </Dialog>
      )}
    </>
  );
}

export function Invite() {
  const [made, setMade] = useState<{ url: string; qr: string } | null>(null);
  const make = async () => {
    const answer = await ask({
      title: t("vo.invite"),
      fields: [{ name: "places", label: t("vo.invite.places"), required: true, lines: 1 }],
      confirm: t("vo.invite"),
    });
    if (!answer) return;
    const home = session.value.value?.account?.territory ?? "";
    const body = { territory: home, places: Number(answer["places"]) };
    setMade(await attempt(post<{ url: string; qr: string }>("/volunteer-invitations", body)));
  };
  return (
    <>
      <button type="button" class="primary" data-testid="vo-invite" onClick={() => void make()}>
        {t("vo.invite")}
      </button>
      {made && (
        <Dialog title={t("vo.invite")} onClose={() => setMade(null)} testid="vo-invited">
          <p>{t("vo.invite.made")}</p>
          <img class="invitation" src={made.qr} alt={made.url} />
          <input readOnly value={made.url} data-testid="vo-invite-url" onFocus={(event) => event.currentTarget.select()} />
        </Dialog>
      )}
    </>
  );
}
