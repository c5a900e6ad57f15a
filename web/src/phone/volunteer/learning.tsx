/** Learning items: opened, then understood; both are told to whoever pushed them. */

import type { OwnVolunteer } from "../../api/volunteer";
import { language, t } from "../../i18n";
import { zone } from "../../state";
import { dayTime } from "../../time";
import { act } from "./known";

export function Learning({ items }: { items: OwnVolunteer["learning"] }) {
  if (!items.length) return null;
  const open = (item: OwnVolunteer["learning"][number]) => (event: { currentTarget: HTMLDetailsElement }) => {
    if (event.currentTarget.open && !item.read_at) void act("read", { item: item.id }, null, item.title);
  };
  return (
    <section aria-label={t("v.learning")}>
      <h2 class="phone-h">{t("v.learning")}</h2>
      {items.map((item) => (
        <details key={item.id} class="card" data-testid="learning-card" onToggle={open(item)}>
          <summary>
            <strong>{item.title}</strong>
            {item.understood_at && (
              <span class="tag">
                {t("v.understood_at", { time: dayTime(item.understood_at, zone(), language.value) })}
              </span>
            )}
          </summary>
          <p class="instruction learning-body">{item.body}</p>
          {!item.understood_at && (
            <button
              type="button"
              class="big primary"
              data-testid="understood"
              onClick={() => void act("understood", { item: item.id }, null, item.title)}
            >
              {t("v.understood")}
            </button>
          )}
        </details>
      ))}
    </section>
  );
}
