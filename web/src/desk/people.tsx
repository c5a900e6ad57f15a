/** People of one's own part of the city, masked; and who looked at whose name and number. */

import { useEffect, useState } from "preact/hooks";
import { get } from "../api/http";
import type { Opening, PersonSummary } from "../api/security";
import { language, t, word } from "../i18n";
import { may, zone } from "../state";
import { dayTime } from "../time";
import { Dialog } from "../ui/dialog";
import { Personal } from "../ui/personal";
import { attempt } from "../ui/toast";

export function PeopleDialog({ onClose }: { onClose: () => void }) {
  const [find, setFind] = useState("");
  const [people, setPeople] = useState<PersonSummary[] | null>(null);
  useEffect(() => {
    const timer = setTimeout(
      () => void attempt(get<PersonSummary[]>(`/people?find=${encodeURIComponent(find)}`)).then(setPeople),
      people ? 300 : 0,
    );
    return () => clearTimeout(timer);
  }, [find]);
  return (
    <Dialog title={t("people")} wide onClose={onClose} testid="people">
      <input name="find" placeholder={t("people.find")} aria-label={t("people.find")} value={find} onInput={(e) => setFind(e.currentTarget.value)} />
      {people?.length === 0 && <p class="nothing">{t("people.none")}</p>}
      <table class="table people">
        <tbody>
          {(people ?? []).map((one) => (
            <tr key={one.person} data-testid="person">
              <td class="mono">{one.person}</td>
              <td>
                <Personal person={one.person} masked={one.person_masked} />
              </td>
              <td>{word("role", one.role)}</td>
              <td>
                {one.territory_name}
                {one.synthetic && <span class="tag">{t("synthetic")}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {may("journal") && <Openings />}
    </Dialog>
  );
}

function Openings() {
  const [opened, setOpened] = useState<(Opening & { person: string })[] | null>(null);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (shown) void attempt(get<(Opening & { person: string })[]>("/openings")).then(setOpened);
  }, [shown]);
  return (
    <details onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary data-testid="openings">{t("openings")}</summary>
      {opened?.length === 0 && <p class="nothing">{t("opened.none")}</p>}
      <ul class="plain">
        {(opened ?? []).map((one) => (
          <li key={one.id}>
            <time>{dayTime(one.at, zone(), language.value)}</time> {one.by_name} → <span class="mono">{one.person}</span>：
            {one.purpose ?? "—"}
          </li>
        ))}
      </ul>
    </details>
  );
}
