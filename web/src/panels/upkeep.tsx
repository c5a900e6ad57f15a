/** Channels 渠道: how each is, what is held back for a while, and the monthly communication test. */

import { useEffect, useState } from "preact/hooks";
import { get, post } from "../api/http";
import { t, word } from "../i18n";
import { may, resource, territory } from "../state";
import { ask } from "../ui/ask";
import { Dialog } from "../ui/dialog";
import { Nothing, Time } from "../ui/pieces";
import { attempt } from "../ui/toast";
import { COLOURS } from "./choices";

interface ChannelState {
  name: string;
  kind: string;
  title: string;
  per_minute: number;
  problem: string;
  deliveries: Record<string, number>;
}
interface Silence {
  id: string;
  by_name: string;
  until: string;
  up_to: string;
  rules: string[];
  areas: string[];
}
interface Counts {
  asked: number;
  answered: number;
  arrived: number;
  silent: number;
  unknown: number;
  dead: number;
  waiting: number;
}
interface Test extends Counts {
  id: string;
  at: string;
  status: string;
}
interface Report extends Test {
  by_channel: Record<string, Counts>;
  troubled: { person: string; person_masked?: string; territory_name?: string; channel: string; what: string; reason: string }[];
}

const OUTCOMES = ["asked", "answered", "arrived", "silent", "unknown", "dead", "waiting"] as const;
const EVERY = 5_000;
const channels = resource<ChannelState[]>("/channels");
const silences = resource<Silence[]>("/silences");
const tests = resource<Test[]>("/communication-tests");

export function UpkeepDialog({ onClose }: { onClose: () => void }) {
  useEffect(() => {
    const look = () => {
      void channels.refresh();
      void silences.refresh();
      if (may("people")) void tests.refresh();
    };
    look();
    const timer = setInterval(look, EVERY);
    return () => clearInterval(timer);
  }, []);
  return (
    <Dialog title={t("upkeep.title")} wide onClose={onClose} testid="upkeep-dialog">
      <Channels />
      <Silences />
      {may("people") && <Tests />}
    </Dialog>
  );
}

function Channels() {
  const known = channels.value.value;
  return (
    <section>
      <h3>{t("upkeep.channels")}</h3>
      {known?.length ? (
        <ul class="plain">
          {known.map((one) => (
            <li key={one.name} class={one.problem ? "trouble" : ""}>
              {word("channel", one.name)} · {one.title} · {t("upkeep.rate", { n: one.per_minute })}
              {one.problem && ` · ${one.problem}`}
              {Object.entries(one.deliveries).map(([state, n]) => ` · ${word("delivery", state)} ${n}`)}
              <p class="soft">
                {t("upkeep.receipts", { what: word("receipts", one.kind) })}
                <br />
                {t("upkeep.failures", { what: word("failures", one.kind) })}
              </p>
            </li>
          ))}
        </ul>
      ) : (
        <Nothing loaded={known !== null} failed={channels.failed.value} text={t("upkeep.no_channels")} />
      )}
    </section>
  );
}

async function silence(): Promise<void> {
  const towns = (territory.value.value?.features ?? [])
    .map((feature) => feature.properties)
    .filter((unit) => unit.level === "town");
  const answer = await ask({
    title: t("upkeep.silence"),
    detail: t("upkeep.silence.detail"),
    fields: [
      {
        name: "up_to",
        label: t("upkeep.up_to"),
        required: true,
        choices: COLOURS.filter((colour) => colour !== "red").map((colour) => ({ value: colour, label: word("colour", colour) })),
      },
      {
        name: "area",
        label: t("upkeep.area"),
        choices: towns.map((unit) => ({ value: unit.code, label: unit.name })),
      },
      { name: "hours", label: t("upkeep.hours"), required: true },
      { name: "reason", label: t("upkeep.reason"), required: true, lines: 2 },
    ],
    confirm: t("upkeep.silence"),
    tone: "grave",
  });
  if (!answer) return;
  const body = {
    up_to: answer.up_to,
    hours: Number(answer.hours),
    reason: answer.reason,
    areas: answer.area ? [answer.area] : [],
  };
  if (await attempt(post("/silences", body), t("upkeep.silenced"))) await silences.refresh();
}

function Silences() {
  const known = silences.value.value;
  const lift = async (id: string) => {
    if (await attempt(post(`/silences/${id}/lift`), t("upkeep.lifted"))) await silences.refresh();
  };
  const names = new Map((territory.value.value?.features ?? []).map((one) => [one.properties.code, one.properties.name]));
  return (
    <section>
      <h3>
        {t("upkeep.silences")}{" "}
        {may("decide") && (
          <button type="button" class="quiet" data-testid="silence-set" onClick={() => void silence()}>
            {t("upkeep.silence")}
          </button>
        )}
      </h3>
      {known?.length ? (
        <ul class="plain">
          {known.map((one) => (
            <li key={one.id} data-testid="silence">
              {t("upkeep.held", { colour: word("colour", one.up_to) })} ·{" "}
              {one.areas.map((code) => names.get(code) ?? code).join("、") || t("upkeep.whole_city")} · {t("upkeep.until")}{" "}
              <Time at={one.until} /> · {one.by_name}{" "}
              {may("decide") && (
                <button type="button" class="quiet" data-testid="silence-lift" onClick={() => void lift(one.id)}>
                  {t("upkeep.lift")}
                </button>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <Nothing loaded={known !== null} failed={silences.failed.value} text={t("upkeep.no_silences")} />
      )}
    </section>
  );
}

function Tests() {
  const [report, setReport] = useState<Report | null>(null);
  const known = tests.value.value;
  const open = async (id: string) => setReport(await attempt(get<Report>(`/communication-tests/${id}`)));
  const begin = async () => {
    const sure = await ask({
      title: t("upkeep.test"),
      detail: t("upkeep.test.detail"),
      fields: [],
      confirm: t("upkeep.test"),
    });
    if (sure && (await attempt(post("/communication-tests"), t("upkeep.test.begun")))) await tests.refresh();
  };
  return (
    <section>
      <h3>
        {t("upkeep.tests")}{" "}
        {may("decide") && (
          <button type="button" class="quiet" data-testid="test-begin" onClick={() => void begin()}>
            {t("upkeep.test")}
          </button>
        )}
      </h3>
      {known?.length ? (
        <ul class="plain">
          {known.map((one) => (
            <li key={one.id}>
              <button type="button" class="quiet" data-testid="test-open" onClick={() => void open(one.id)}>
                <Time at={one.at} long /> {one.id}
              </button>{" "}
              {OUTCOMES.map((name) => `${t(`upkeep.outcome.${name}`)} ${one[name]}`).join(" · ")}
            </li>
          ))}
        </ul>
      ) : (
        <Nothing loaded={known !== null} failed={tests.failed.value} text={t("upkeep.no_tests")} />
      )}
      {report && (
        <div data-testid="test-report">
          {Object.entries(report.by_channel).map(([name, counts]) => (
            <p key={name}>
              <strong>{word("channel", name)}</strong>{" "}
              {OUTCOMES.map((one) => `${t(`upkeep.outcome.${one}`)} ${counts[one]}`).join(" · ")}
            </p>
          ))}
          <h3>{t("upkeep.troubled", { n: report.troubled.length })}</h3>
          <ul class="plain">
            {report.troubled.slice(0, 300).map((one) => (
              <li key={one.person + one.channel}>
                {one.person_masked ?? one.person} · {one.territory_name} · {word("channel", one.channel)} ·{" "}
                {t(`upkeep.outcome.${one.what as "dead"}`)} {one.reason}
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
