/** Points in one's part of the city, the highest first; counted from the journal. */

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { PointsRow } from "../api/packs";
import { get } from "../api/http";
import { t, word } from "../i18n";
import { Dialog } from "../ui/dialog";
import { Nothing } from "../ui/pieces";
import { attempt } from "../ui/toast";

const shown = signal(false);

export function showPoints(): void {
  shown.value = true;
}

export function PointsBoard() {
  return shown.value ? <Board /> : null;
}

function Board() {
  const [rows, setRows] = useState<PointsRow[] | null>(null);
  useEffect(() => {
    void attempt(get<PointsRow[]>("/points/board")).then((answer) => setRows(answer ?? []));
  }, []);
  return (
    <Dialog title={t("points.board")} onClose={() => (shown.value = false)} testid="points-board">
      <p class="soft">{t("points.from_journal")}</p>
      {rows?.length ? (
        <table class="points-list">
          <tbody>
            {rows.map((row) => (
              <tr key={row.account}>
                <td>{row.name}</td>
                <td>{word("role", row.role)}</td>
                <td>{row.territory_name}</td>
                <td class="number">{row.points}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <Nothing loaded={rows !== null} text={t("points.none")} />
      )}
    </Dialog>
  );
}
