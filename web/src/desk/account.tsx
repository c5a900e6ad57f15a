/** Who I am: language, sign-in links for other parts, sign out. */

import { useEffect, useState } from "preact/hooks";
import { endSession, post } from "../api/http";
import { choose, language, named, t, word } from "../i18n";
import { accounts, may, session } from "../state";
import { Dialog } from "../ui/dialog";
import { usePopup } from "../ui/popup";
import { SecurityPanel } from "../ui/security";
import { attempt, done } from "../ui/toast";
import { PeopleDialog } from "./people";

export function LanguageToggle() {
  return (
    <button
      type="button"
      class="language"
      data-testid="language-toggle"
      aria-label={t("language.other")}
      onClick={() => choose(language.value === "zh" ? "en" : "zh")}
    >
      <span class={language.value === "zh" ? "on" : ""}>中</span>
      <span class={language.value === "en" ? "on" : ""}>EN</span>
    </button>
  );
}

async function signOut(): Promise<void> {
  const leave = await attempt(endSession());
  if (leave) leave();
  else location.reload();
}

export function AccountMenu() {
  const { open, setOpen, root } = usePopup();
  const [links, setLinks] = useState(false);
  const [security, setSecurity] = useState(false);
  const [people, setPeople] = useState(false);
  const account = session.value.value?.account;
  if (!account) return null;
  return (
    <div ref={root} class="account">
      <button type="button" class="account-name" aria-expanded={open} onClick={() => setOpen(!open)} data-testid="account">
        <strong>{named(account)}</strong>
        <span>{word("role", account.role)}</span>
      </button>
      {open && (
        <div class="menu" role="menu">
          <p class="menu-note">{account.territory_name}</p>
          {may("personal") && (
            <button type="button" role="menuitem" data-testid="account-people" onClick={() => { setOpen(false); setPeople(true); }}>
              {t("people")}
            </button>
          )}
          {may("accounts") && (
            <button type="button" role="menuitem" data-testid="account-links" onClick={() => { setOpen(false); setLinks(true); }}>
              {t("account.links")}
            </button>
          )}
          <button type="button" role="menuitem" data-testid="account-security" onClick={() => { setOpen(false); setSecurity(true); }}>
            {t("security")}
          </button>
          <a role="menuitem" href="/phone.html" target="_blank" rel="noreferrer">
            {t("account.phone")}
          </a>
          <button type="button" role="menuitem" data-testid="signout" onClick={() => void signOut()}>
            {t("account.signout")}
          </button>
        </div>
      )}
      {security && (
        <Dialog title={t("security")} onClose={() => setSecurity(false)}>
          <SecurityPanel />
        </Dialog>
      )}
      {people && <PeopleDialog onClose={() => setPeople(false)} />}
      {links && <LinksDialog onClose={() => setLinks(false)} />}
    </div>
  );
}

function LinksDialog({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<Record<string, string>>({});
  useEffect(() => void accounts.refresh(), []);
  const make = async (id: string) => {
    const answer = await attempt(post<{ url: string }>(`/accounts/${id}/link`));
    if (answer) setMade({ ...made, [id]: answer.url });
  };
  return (
    <Dialog title={t("account.links")} wide onClose={onClose}>
      <p class="lead">{t("account.links.detail")}</p>
      <table class="table">
        <tbody>
          {(accounts.value.value ?? []).map((one) => (
            <tr key={one.id}>
              <td><strong>{one.name}</strong></td>
              <td>{word("role", one.role)}</td>
              <td>{one.department ?? one.territory_name}</td>
              <td>
                <div class="link-cell">
                  {made[one.id] ? (
                    <>
                      <input readOnly value={made[one.id]} aria-label={t("account.link")} onFocus={(e) => e.currentTarget.select()} />
                      <button type="button" onClick={() => void copy(made[one.id]!)}>{t("copy")}</button>
                    </>
                  ) : (
                    <button type="button" data-testid={`link-${one.id}`} onClick={() => void make(one.id)}>
                      {t("account.link")}
                    </button>
                  )}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}

/** Copies where the browser lets us; over plain HTTP it does not, and the field stays selectable. */
async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    done(t("copied"));
  } catch {
    done(t("copy.by_hand"));
  }
}
