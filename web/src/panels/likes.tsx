/** Cases that may be the same matter: the engine proposes, a person decides. */

import type { CaseDetail } from "../api/contract";
import type { Likeness } from "../api/packs";
import { post } from "../api/http";
import { t, word } from "../i18n";
import { live } from "../state";
import { percent } from "../ui/pieces";
import { ask } from "../ui/ask";
import { attempt } from "../ui/toast";
import { openCase } from "./chosen";

export function Likes({ item }: { item: CaseDetail }) {
  if (!item.duplicates.length) return null;
  return (
    <section data-testid="duplicates">
      <h3>{t("case.likes")}</h3>
      <ul class="likes">
        {item.duplicates.map((like) => (
          <li key={like.id} data-testid={`like-${like.id}`}>
            <button type="button" class="quiet" onClick={() => openCase(like.id)}>
              {like.id} {like.title}
            </button>
            <span class="tag">{word("case.state", like.state)}</span>
            <span class="soft">{why(like)}</span>
            <button type="button" class="small" data-testid="merge-into" onClick={() => void merge(item, like)}>
              {t("case.merge_into")}
            </button>
            <button type="button" class="small" data-testid="keep-apart" onClick={() => void apart(item, like)}>
              {t("case.keep_apart")}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Why it is proposed: how far, how long after, how alike in words. */
function why(like: Likeness): string {
  const parts = [
    like.distance_m === null ? t("case.like.same_village") : t("case.like.metres", { n: like.distance_m }),
    t("case.like.minutes", { n: like.minutes }),
    ...(like.alike === null ? [] : [t("case.like.alike", { n: percent(like.alike) })]),
  ];
  return parts.join(" · ");
}

async function merge(item: CaseDetail, like: Likeness): Promise<void> {
  const sure = await ask({
    title: t("case.merge_sure", { one: item.id, other: like.id }),
    fields: [],
    confirm: t("case.merge_into"),
    tone: "grave",
  });
  if (!sure) return;
  await attempt(post(`/cases/${item.id}/merge`, { into: like.id }), t("done.named", { name: t("case.merge_into") }));
  await Promise.all([live.cases.refresh(), live.tasks.refresh()]);
}

async function apart(item: CaseDetail, like: Likeness): Promise<void> {
  await attempt(post(`/cases/${item.id}/apart`, { other: like.id }), t("case.kept_apart_done"));
  await live.cases.refresh();
}
