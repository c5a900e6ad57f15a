/** When a room is taken on one day, as a strip of the day's hours. */

import { useEffect, useState } from "preact/hooks";
import type { Bookings } from "../api/packs";
import { get } from "../api/http";
import { t } from "../i18n";
import { zone } from "../state";
import { clockTime } from "../time";

const DAY_MIN = 24 * 60;
const HOURS = [0, 6, 12, 18, 24];

/** `day` as yyyy-mm-dd of the city; today when it is not known yet. */
export function RoomDay({ room, day }: { room: string; day: string }) {
  const [known, setKnown] = useState<Bookings | null>(null);
  useEffect(() => {
    const query = day ? `&day=${day}` : "";
    let wanted = true;
    void get<Bookings>(`/bookings?venue=${encodeURIComponent(room)}${query}`)
      .then((answer) => wanted && setKnown(answer))
      .catch(() => wanted && setKnown(null));
    return () => {
      wanted = false;
    };
  }, [room, day]);
  if (!known) return null;
  const seats = known.rooms[0];
  return (
    <div class="room-day" data-testid="room-day">
      <p class="soft">
        {seats && `${seats.territory_name} · ${t("form.room.seats", { n: seats.seats })}`}
        {" · "}
        {known.taken.length ? t("form.room.taken") : t("form.room.free")}
      </p>
      <div class="room-strip" aria-hidden="true">
        {known.taken.map((span) => (
          <span
            key={span.starts}
            style={{ left: `${share(span.starts)}%`, width: `${Math.max(1, share(span.ends, true) - share(span.starts))}%` }}
          />
        ))}
        {HOURS.map((hour) => (
          <i key={hour} style={{ left: `${(hour / 24) * 100}%` }}>{hour}</i>
        ))}
      </div>
      {known.taken.length > 0 && (
        <ul class="room-taken">
          {known.taken.map((span) => (
            <li key={span.starts}>
              {clockTime(span.starts, zone())}–{clockTime(span.ends, zone())} {span.case}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Where a moment stands in its day of the city, in percent; an end at midnight stands at 100. */
function share(at: string, isEnd = false): number {
  const [hours = 0, minutes = 0] = clockTime(at, zone()).split(":").map(Number);
  const past = hours * 60 + minutes;
  return (past === 0 && isEnd ? 1 : past / DAY_MIN) * 100;
}
