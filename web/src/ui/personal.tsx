/** A masked name, which opens with its number for a purpose and hides again by itself. */

import { useEffect, useState } from "preact/hooks";
import { post } from "../api/http";
import type { Opened } from "../api/security";
import { t } from "../i18n";
import { may } from "../state";
import { attempt } from "./toast";

export function Personal(props: { person: string; masked: string; subject?: string }) {
  const [asking, setAsking] = useState(false);
  const [purpose, setPurpose] = useState("");
  const [opened, setOpened] = useState<Opened | null>(null);
  const [left, setLeft] = useState(0);

  useEffect(() => {
    if (!opened) return;
    const end = Date.now() + opened.seconds * 1000;
    const tick = () => {
      const rest = Math.ceil((end - Date.now()) / 1000);
      setLeft(rest);
      if (rest <= 0) setOpened(null);
    };
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [opened]);

  const open = async () => {
    const body = { purpose, subject: props.subject ?? null };
    const answer = await attempt(post<Opened>(`/people/${encodeURIComponent(props.person)}/open`, body));
    if (!answer) return;
    setOpened(answer);
    setAsking(false);
    setPurpose("");
  };

  if (opened) {
    return (
      <span class="personal opened" data-testid="personal-opened">
        <strong>{opened.name}</strong>{" "}
        {opened.phone ? <a href={`tel:${opened.phone}`}>{opened.phone}</a> : <span class="soft">{t("personal.phone.none")}</span>}{" "}
        <small class="soft">{t("personal.left", { n: left })}</small>
      </span>
    );
  }
  if (!may("personal")) return <span>{props.masked}</span>;
  return (
    <span class="personal">
      {props.masked}{" "}
      <button type="button" class="link" aria-expanded={asking} data-testid={`personal-${props.person}`} onClick={() => setAsking(!asking)}>
        {t("personal.open")}
      </button>
      {asking && (
        <form
          class="personal-why"
          onSubmit={(event) => {
            event.preventDefault();
            void open();
          }}
        >
          <p class="soft">{t("personal.open.detail")}</p>
          <input
            name="purpose"
            autofocus
            required
            minLength={4}
            maxLength={300}
            placeholder={t("personal.purpose")}
            value={purpose}
            onInput={(e) => setPurpose(e.currentTarget.value)}
          />
          <button type="submit" class="primary">
            {t("personal.open.go")}
          </button>
        </form>
      )}
    </span>
  );
}
