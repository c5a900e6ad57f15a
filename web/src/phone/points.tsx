/** My points: their sum, what each was for, and how more are earned. */

import { useEffect } from "preact/hooks";
import type { Ledger } from "../api/packs";
import { language, t } from "../i18n";
import { zone } from "../state";
import { dayTime } from "../time";
import { Nothing } from "../ui/pieces";
import { titleOf } from "../panels/packs";
import { Age } from "./as-of";
import "../style/form.css";
import { known } from "./known";
import { packs } from "./state";

const ledger = known<Ledger>("/points");

function inWords(thing: { words: string; words_en: string }): string {
  return language.value === "en" ? thing.words_en : thing.words;
}

export function Points() {
  useEffect(() => {
    void Promise.all([ledger.refresh(), packs.refresh()]);
  }, []);
  const mine = ledger.value.value;
  const earning = (packs.value.value ?? []).filter((pack) => pack.points.length);
  return (
    <>
      <Age of={ledger.asOf.value} />
      <article class="card">
        <p class="soft">{t("points.balance")}</p>
        <p class="points-sum" data-testid="points-balance">{mine?.balance ?? "—"}</p>
        <p class="soft">{t("points.from_journal")}</p>
      </article>
      {mine?.lines.length ? (
        <table class="points-list">
          <tbody>
            {mine.lines.map((line) => (
              <tr key={line.seq} data-testid="points-line">
                <td>
                  {inWords(line)}
                  <br />
                  <small class="soft">
                    {t("points.case")} {line.case} · {dayTime(line.at, zone(), language.value)}
                  </small>
                </td>
                <td class="number">{line.points > 0 ? `+${line.points}` : line.points}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <Nothing loaded={mine !== null} failed={ledger.failed.value} text={t("points.none")} />
      )}
      {earning.length > 0 && <h2>{t("points.how")}</h2>}
      {earning.map((pack) => (
        <article key={pack.kind} class="card">
          <strong>{titleOf(pack)}</strong>
          <ul>
            {pack.points.map((rule) => (
              <li key={rule.words}>
                {inWords(rule)}：+{rule.points}
              </li>
            ))}
          </ul>
        </article>
      ))}
    </>
  );
}
