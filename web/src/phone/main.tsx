/** The phone page: for those in the field and those at home. */

import "@fontsource-variable/noto-sans-sc/wght.css";
import "../style/base.css";
import "../style/phone.css";
import "../style/signin.css";
import "../style/firms.css";
import { render } from "preact";
import { get } from "../api/http";
import type { ClockBody } from "../api/contract";
import { LanguageToggle } from "../desk/account";
import { choose, language, named, t, word } from "../i18n";
import { clock, session, zone } from "../state";
import { dayTime } from "../time";
import { SignedOut } from "../ui/signed-out";
import { Toasts } from "../ui/toast";
import { CameraButton } from "./camera";
import { conflicts } from "./conflict";
import { Icon, More } from "./more";
import { go, here, startAt } from "./nav";
import { FIELD, pagesOf, type PhonePage } from "./pages";
import { account, fromMemory, whoIsIt } from "./person";
import { keepInStep, letters, look, noSignal, ofOthers, outbox, packs, places, refresh, territory } from "./state";
import { followStreet } from "./street";
import { installWorker, newer, takeOver } from "./worker";
import "./type-size";

const MORE = "M5 12h.01M12 12h.01M19 12h.01";

function Phone() {
  const known = session.value.value;
  if (!known) return <p class="page-state">{session.failed.value ? t("offline") : t("loading")}</p>;
  if (!known.account || known.lacks) {
    return (
      <>
        <SignedOut known={known} />
        {ofOthers.value > 0 && <p class="left-behind">{t("phone.waiting.others", { n: ofOthers.value })}</p>}
      </>
    );
  }
  const { bar, more } = pagesOf(known.account.role);
  const open = [...bar, ...more].find((page) => page.name === here.value.page);
  return (
    <div class="phone">
      <header class="phone-head">
        <div>
          <strong>{t("phone.title", { city: named(known.city) })}</strong>
          <p>
            {named(known.account)} · {word("role", known.account.role)} · {known.account.territory_name}
          </p>
        </div>
        <LanguageToggle />
      </header>
      {known.exercise && (
        <p class="phone-exercise" data-testid="exercise">
          <strong>演练 EXERCISE</strong>
          {clock.value && <time>{dayTime(clock.value.now, zone(), language.value)}</time>}
        </p>
      )}
      <Banners />
      <main key={here.value.page} class="phone-main">
        {open ? <open.view /> : <More pages={more} />}
      </main>
      {open?.name !== "report" && <CameraButton />}
      <nav class="phone-tabs" aria-label={t("phone.sections")}>
        {bar.map((page) => (
          <Tab key={page.name} page={page} open={page === open} />
        ))}
        <button
          type="button"
          aria-current={!open || more.includes(open) ? "page" : undefined}
          data-testid="phone-more"
          onClick={() => go("more")}
        >
          <Icon path={MORE} />
          {t("phone.tab.more")}
          <Badge n={more.reduce((sum, page) => sum + (page.waiting?.() ?? 0), 0)} />
        </button>
      </nav>
      <Toasts />
    </div>
  );
}

/** What somebody must know whatever page is open: no signal, what waits, what was not taken. */
function Banners() {
  const stuck = conflicts(letters.value);
  const refused = stuck.length;
  const waiting = letters.value.length - stuck.flat().length;
  return (
    <>
      {noSignal.value && (
        <p class="phone-unsent" role="status" data-testid="no-signal">
          {t("phone.no_signal")}
        </p>
      )}
      {refused > 0 && (
        <button type="button" class="phone-refused" data-testid="refused" onClick={() => go("waiting")}>
          {t("phone.refused", { n: refused })}
        </button>
      )}
      {waiting > 0 && (
        <button type="button" class="phone-unsent" data-testid="unsent" onClick={() => go("waiting")}>
          {t("phone.waiting_to_send", { n: waiting })}
        </button>
      )}
      {newer.value && (
        <button type="button" class="phone-unsent" data-testid="newer" onClick={takeOver}>
          {t("phone.newer")}
        </button>
      )}
    </>
  );
}

function Tab({ page, open }: { page: PhonePage; open: boolean }) {
  return (
    <button
      type="button"
      aria-current={open ? "page" : undefined}
      data-testid={`phone-${page.name}`}
      onClick={() => go(page.name)}
    >
      <Icon path={page.icon} />
      {t(page.title)}
      <Badge n={page.waiting?.() ?? 0} />
    </button>
  );
}

function Badge({ n }: { n: number }) {
  return n > 0 ? <span class="badge">{n}</span> : null;
}

const TRY_AGAIN = 4000;
let told = false;

async function start(): Promise<void> {
  choose(language.peek());
  render(<Phone />, document.getElementById("phone")!);
  const known = await whoIsIt();
  if (!known || fromMemory.peek()) setTimeout(() => void askAgain(), TRY_AGAIN);
  if (!known) return;
  document.title = t("phone.title", { city: known.city.name });
  if (!known.account || known.lacks) return void look();
  begin(known.account.role);
}

/** Until the service has said who is signed in, it is asked again. */
async function askAgain(): Promise<void> {
  const before = account();
  const known = await whoIsIt();
  if (!known || fromMemory.peek()) return void setTimeout(() => void askAgain(), TRY_AGAIN);
  if (known.account?.id !== before && before) return location.reload();
  if (known.account && !known.lacks) begin(known.account.role);
  void outbox.flush();
}

function begin(role: string): void {
  if (told) return void refresh();
  told = true;
  startAt((FIELD as readonly string[]).includes(role) ? "tasks" : role === "firm" ? "firm" : role === "partner" ? "joint" : "messages");
  void get<ClockBody>("/clock").then((now) => (clock.value = now), () => undefined);
  keepInStep();
  void Promise.all([refresh(), territory.refresh(), places.refresh(), packs.refresh()]);
  followStreet();
  void installWorker();
  void navigator.storage?.persist?.();
}

void start();
