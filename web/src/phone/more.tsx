/** The pages that have no room in the bar. */

import { t } from "../i18n";
import { go } from "./nav";
import type { PhonePage } from "./pages";

export function Icon({ path }: { path: string }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

export function More({ pages }: { pages: readonly PhonePage[] }) {
  return (
    <ul class="more">
      {pages.map((page) => (
        <li key={page.name}>
          <button type="button" data-testid={`phone-${page.name}`} onClick={() => go(page.name)}>
            <Icon path={page.icon} />
            <span>{t(page.title)}</span>
            {page.waiting && page.waiting() > 0 && <span class="count">{page.waiting()}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}
