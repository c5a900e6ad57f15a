/** The joint cases of a partner's city: what it is about, who takes part, signing for one's city. */

import { useEffect, useState } from "preact/hooks";
import type { JointCase } from "../../api/firms";
import { get, post } from "../../api/http";
import { language, named, t, word } from "../../i18n";
import { zone } from "../../state";
import { dayTime } from "../../time";
import { Nothing } from "../../ui/pieces";
import { attempt } from "../../ui/toast";
import { known } from "../known";
import { useFresh } from "./known";

const mine = known<string[]>("/me/joint");

export function JointPage() {
  useFresh(mine);
  const ids = mine.value.value;
  if (!ids?.length) return <Nothing loaded={ids !== null} failed={mine.failed.value} text={t("joint.none")} />;
  return (
    <>
      {ids.map((id) => (
        <Card key={id} id={id} />
      ))}
    </>
  );
}

function Card({ id }: { id: string }) {
  const [item, setItem] = useState<JointCase | null>(null);
  const [text, setText] = useState("");
  const load = async () => setItem(await attempt(get<JointCase>(`/joint/${id}`)));
  useEffect(() => void load(), [id]);
  if (!item) return <p class="soft">{t("loading")}</p>;
  const sign = async (event: Event) => {
    event.preventDefault();
    await attempt(post(`/joint/${id}/sign`, { text }), t("joint.signed"));
    await load();
  };
  return (
    <article class="card" data-testid="joint-card" data-state={item.state}>
      <header>
        <h2>{item.title}</h2>
        <span class="tag">{word("case.state", item.state)}</span>
      </header>
      {item.text && <p>{item.text}</p>}
      <ul class="joint-cities">
        {item.cities.map((city) => (
          <li key={city.root}>
            <strong>{named(city)}</strong>{" "}
            {city.signed_at ? `✓ ${t("joint.signed_at", { time: dayTime(city.signed_at, zone(), language.value) })}` : t("joint.unsigned")}
          </li>
        ))}
      </ul>
      {item.may_sign && (
        <form onSubmit={(event) => void sign(event)}>
          <label class="field">
            <span>{t("joint.what")}</span>
            <textarea rows={2} required maxLength={2000} value={text} data-testid="joint-text" onInput={(event) => setText(event.currentTarget.value)} />
          </label>
          <button type="submit" class="big primary" data-testid="joint-sign">
            {t("joint.sign")}
          </button>
        </form>
      )}
    </article>
  );
}
