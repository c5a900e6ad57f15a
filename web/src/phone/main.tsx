/** The phone page: for those in the field and those at home. */

import "@fontsource-variable/noto-sans-sc/wght.css";
import "../style/base.css";
import "../style/phone.css";
import { signal } from "@preact/signals";
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
import { Messages } from "./messages";
import { Mine } from "./mine";
import { unsent } from "./outbox";
import { Report } from "./report";
import { keepInStep, messages, places, refresh, tasks } from "./state";
import { Tasks } from "./tasks";

const TABS = ["messages", "tasks", "report", "mine"] as const;
const tab = signal<(typeof TABS)[number]>("messages");

const ICONS: Record<(typeof TABS)[number], string> = {
  messages: "M4 5h16v11H10l-4 4v-4H4z",
  tasks: "M5 4h14v17H5zM9 4V2.500h6V4M8.500 12.500l2.500 2.500 4.500-5",
  report: "M12 3l10 18H2zM12 10v5M12 17.500v.5",
  mine: "M5 4h14v17H5zM8.500 9h7M8.500 13h7M8.500 17h4",
};

function waiting(name: string): number {
  if (name === "messages") return (messages.value.value ?? []).filter((one) => !one.answered_at).length;
  if (name !== "tasks") return 0;
  return (tasks.value.value ?? []).filter((one) => one.state !== "done" && one.state !== "expired").length;
}

function Phone() {
  const known = session.value.value;
  if (!known) return <p class="page-state">{session.failed.value ? t("offline") : t("loading")}</p>;
  if (!known.account) return <SignedOut city={known.city} />;
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
        {tab.value === "messages" && <Messages />}
        {tab.value === "tasks" && <Tasks />}
        {tab.value === "report" && <Report onSent={() => (tab.value = "mine")} />}
        {tab.value === "mine" && <Mine />}
      </main>
      <nav class="phone-tabs" aria-label={t("phone.sections")}>
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            aria-current={tab.value === name ? "page" : undefined}
            data-testid={`phone-${name}`}
            onClick={() => (tab.value = name)}
          >
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d={ICONS[name]} />
            </svg>
            {t(`phone.tab.${name}`)}
            {waiting(name) > 0 && <span class="badge">{waiting(name)}</span>}
          </button>
        ))}
      </nav>
      <Toasts />
    </div>
  );
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
  if (["crew", "grid_worker", "volunteer", "village_officer"].includes(known.account.role)) tab.value = "tasks";
  clock.value = await get<ClockBody>("/clock").catch(() => null);
  keepInStep();
  await Promise.all([refresh(), territory.refresh(), places.refresh()]);
}

void start();
