/** The posts 岗位 of the command post: who holds what, since when, what stands vacant. */

import type { Post } from "../api/command";
import type { Iso } from "../api/contract";
import { post as send } from "../api/http";
import { language, named, t, word } from "../i18n";
import { live, may, session } from "../state";
import { ask } from "../ui/ask";
import { Nothing, Time } from "../ui/pieces";
import { attempt } from "../ui/toast";
import { atWork } from "./state";

export function Posts() {
  const known = live.command.value.value;
  if (!known) return <Nothing loaded={false} failed={live.command.failed.value} text="" />;
  if (!known.incident) return <Nothing loaded text={t("command.no_incident")} />;
  const open = known.incident.state === "open";
  return (
    <ul class="posts" data-testid="posts">
      {known.posts.map((post) => (
        <Card key={post.post} post={post} incident={known.incident!.id} open={open} />
      ))}
    </ul>
  );
}

function Card({ post, incident, open }: { post: Post; incident: string; open: boolean }) {
  const me = session.value.value?.account?.id;
  const mine = post.account === me;
  return (
    <li class={post.missing ? "post missing" : "post"} data-testid={`post-${post.post}`} data-holder={post.account ?? ""}>
      <header>
        <h3>{named(post)}</h3>
        {post.from && <span class="soft">{t("posts.from", { level: post.from })}</span>}
      </header>
      <p class="holder">
        {post.account ? (
          <>
            <b>{post.account_name}</b> <span class="soft"><Held at={post.since} /></span>
          </>
        ) : (
          <span class={post.missing ? "overdue" : "soft"}>{t(post.missing ? "posts.missing" : "posts.vacant")}</span>
        )}
      </p>
      <p class="soft">{(language.value === "en" && post.duty_en) || post.duty}</p>
      {open && (
        <div class="actions">
          {post.may_take && !mine && (
            <button type="button" data-testid="post-take" onClick={() => void take(incident, post)}>
              {t(post.account ? "posts.take_over" : "posts.take")}
            </button>
          )}
          {may("decide") && (
            <button type="button" data-testid="post-assign" onClick={() => void assign(incident, post)}>
              {t("posts.assign")}
            </button>
          )}
          {post.account && (mine || may("decide")) && (
            <button type="button" data-testid="post-relieve" onClick={() => void relieve(incident, post)}>
              {t("posts.relieve")}
            </button>
          )}
        </div>
      )}
      {post.past.length > 0 && (
        <details>
          <summary>{t("posts.past", { n: post.past.length })}</summary>
          <ul>
            {post.past.map((one) => (
              <li key={one.from + one.account} class="soft">
                {one.account_name} <Time at={one.from} />–<Time at={one.to} /> {word("posts.how", one.how)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

async function put(incident: string, post: Post, command: string, body: Record<string, string>): Promise<void> {
  await attempt(send(`/incidents/${incident}/posts/${post.post}/${command}`, body), t("posts.kept"));
  await live.command.refresh();
}

async function take(incident: string, post: Post): Promise<void> {
  if (post.account) {
    const sure = await ask({
      title: t("posts.take_over"),
      detail: <p>{t("posts.take_over_sure", { post: named(post), name: post.account_name ?? "" })}</p>,
      fields: [],
      confirm: t("posts.take_over"),
    });
    if (!sure) return;
  }
  await put(incident, post, "take", {});
}

async function assign(incident: string, post: Post): Promise<void> {
  if (!atWork.value.peek()) await atWork.refresh();
  const able = (atWork.value.peek() ?? []).filter((one) => post.roles.includes(one.role) && one.id !== post.account);
  const answer = await ask({
    title: `${t("posts.assign")} · ${named(post)}`,
    fields: [
      {
        name: "account",
        label: t("posts.who"),
        required: true,
        choices: able.map((one) => ({
          value: one.id,
          label: [one.name, word("role", one.role), one.department].filter(Boolean).join(" · "),
        })),
      },
    ],
    confirm: t("posts.assign"),
  });
  if (answer) await put(incident, post, "assign", answer);
}

async function relieve(incident: string, post: Post): Promise<void> {
  const answer = await ask({
    title: `${t("posts.relieve")} · ${named(post)}`,
    fields: [{ name: "reason", label: t("ask.reason"), required: true, lines: 2 }],
    confirm: t("posts.relieve"),
  });
  if (answer) await put(incident, post, "relieve", answer);
}

/** "07-25 14:00 起", "since 07-25 14:00". */
function Held({ at }: { at: Iso | null }) {
  const [before, after] = t("posts.since").split("{time}");
  return <>{before}<Time at={at} />{after}</>;
}
