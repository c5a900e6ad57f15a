/** Sources of readings 数据源: whose they are, whether each is there, and what is wrong. */

import { useEffect } from "preact/hooks";
import type { ReadingSource } from "../api/contract";
import { t, word } from "../i18n";
import { resource } from "../state";
import { Time } from "../ui/pieces";

const EVERY = 10_000;
const sources = resource<ReadingSource[]>("/sources");

export function Sources() {
  useEffect(() => {
    void sources.refresh();
    const timer = setInterval(() => void sources.refresh(), EVERY);
    return () => clearInterval(timer);
  }, []);
  const known = sources.value.value ?? [];
  if (!known.length) return null;
  return (
    <section class="sources" aria-label={t("sources.title")} data-testid="sources">
      <h3>{t("sources.title")}</h3>
      <dl>
        {known.map((one) => (
          <Source key={one.name} source={one} />
        ))}
      </dl>
    </section>
  );
}

function Source({ source }: { source: ReadingSource }) {
  const { state } = source;
  return (
    <>
      <dt title={source.title}>
        <b>{source.name.toUpperCase()}</b> {source.owner}
      </dt>
      <dd>
        {state && (
          <span class="station-foot soft">
            <span class={state.connected ? "" : "trouble"}>
              {t(state.connected ? "sources.connected" : "sources.away")}
            </span>
            <span>{word("source_quality", source.quality)}</span>
            <span>
              {t("sources.heard")} <Time at={state.heard_at} />
            </span>
            <span>{t("sources.taken", { taken: state.taken })}</span>
            {state.refused > 0 && <span class="trouble">{t("sources.refused", { refused: state.refused })}</span>}
            {state.waiting > 0 && <span class="trouble">{t("sources.waiting", { waiting: state.waiting })}</span>}
          </span>
        )}
        {state?.problem && <p class="trouble">{state.problem}</p>}
      </dd>
    </>
  );
}
