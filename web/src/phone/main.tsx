/** The phone page: for those in the field and those at home. */

import "@fontsource-variable/noto-sans-sc/wght.css";
import "../style/base.css";
import "../style/phone.css";
import { render } from "preact";
import { get } from "../api/http";
import type { ClockBody } from "../api/contract";
import { LanguageToggle } from "../desk/account";
import { choose, language, named, t, word } from "../i18n";
import { connected } from "../live";
import { clock, session, territory, zone } from "../state";
import { dayTime } from "../time";
import { SignedOut } from "../ui/signed-out";
import { Toasts } from "../ui/toast";
import { Icon, More } from "./more";
import { go, here, startAt } from "./nav";
import { unsent } from "./outbox";
import { FIELD, pagesOf, type PhonePage } from "./pages";
import { keepInStep, places, refresh } from "./state";

const MORE = "M5 12h.01M12 12h.01M19 12h.01";

function Phone() {
  const known = session.value.value;
  if (!known) return <p class="page-state">{session.failed.value ? t("offline") : t("loading")}</p>;
  if (!known.account) return <SignedOut city={known.city} />;
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
      {unsent.value > 0 && (
        <p class="phone-unsent" role="status" data-testid="unsent">
          {t("phone.waiting_to_send", { n: unsent.value })}
        </p>
      )}
      {!connected.value && <p class="phone-unsent" role="status">{t("live.reconnecting")}</p>}
      <main class="phone-main">
        {open ? <open.view /> : <More pages={more} />}
      </main>
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

async function start(): Promise<void> {
  choose(language.peek());
  render(<Phone />, document.getElementById("phone")!);
  await session.refresh();
  const known = session.value.peek();
  if (!known) {
    setTimeout(() => void start(), 2000);
    return;
  }
  document.title = t("phone.title", { city: known.city.name });
  if (!known.account) return;
  startAt((FIELD as readonly string[]).includes(known.account.role) ? "tasks" : "messages");
  clock.value = await get<ClockBody>("/clock").catch(() => null);
  keepInStep();
  await Promise.all([refresh(), territory.refresh(), places.refresh()]);
}

void start();
