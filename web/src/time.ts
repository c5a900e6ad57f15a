/** Times at the edge: UTC instants shown in the city's own zone, whatever the browser's is. */

const formats = new Map<string, Intl.DateTimeFormat>();

function parts(iso: string, zone: string): Record<string, string> {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    });
    formats.set(zone, format);
  }
  const named: Record<string, string> = {};
  for (const part of format.formatToParts(new Date(iso))) named[part.type] = part.value;
  return named;
}

/** "14:05" */
export function clockTime(iso: string, zone: string): string {
  const p = parts(iso, zone);
  return `${p.hour}:${p.minute}`;
}

/** "7月26日" or "26 Jul" */
export function day(iso: string, zone: string, language: "zh" | "en"): string {
  const p = parts(iso, zone);
  const month = Number(p.month);
  if (language === "zh") return `${month}月${Number(p.day)}日`;
  return `${Number(p.day)} ${MONTHS[month - 1]}`;
}

/** "7月26日 14:05" or "26 Jul 14:05" */
export function dayTime(iso: string, zone: string, language: "zh" | "en"): string {
  return `${day(iso, zone, language)} ${clockTime(iso, zone)}`;
}

/** "07-26 14:05" for tables. */
export function shortTime(iso: string, zone: string): string {
  const p = parts(iso, zone);
  return `${p.month}-${p.day} ${p.hour}:${p.minute}`;
}

/** "2021-07-26T14:05", what a date-time input wants. */
export function inputTime(iso: string, zone: string): string {
  const p = parts(iso, zone);
  return `${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}`;
}

/** Day of the week, "星期一" or "Mon". */
export function weekday(iso: string, zone: string, language: "zh" | "en"): string {
  const name = parts(iso, zone).weekday ?? "";
  return language === "zh" ? (WEEKDAYS[name] ?? name) : name;
}

/** Instant of a wall time "2021-07-26T14:05" in `zone`, as ISO UTC. */
export function fromInput(wall: string, zone: string): string {
  const guess = Date.parse(`${wall}:00Z`);
  // twice: near a change of summer time the first offset may belong to the other side
  let instant = guess - offset(guess, zone);
  instant = guess - offset(instant, zone);
  return new Date(instant).toISOString();
}

/** Offset of `zone` from UTC at an instant, ms. */
function offset(instant: number, zone: string): number {
  const p = parts(new Date(instant).toISOString(), zone);
  const wall = Date.UTC(
    Number(p.year),
    Number(p.month) - 1,
    Number(p.day),
    Number(p.hour),
    Number(p.minute),
    Number(p.second),
  );
  return wall - Math.floor(instant / 1000) * 1000;
}

/** Instants at local midnight strictly between two instants, ISO UTC. */
export function midnights(from: string, to: string, zone: string): string[] {
  const found: string[] = [];
  const end = Date.parse(to);
  let wall = Date.parse(`${inputTime(from, zone).slice(0, 10)}T00:00:00Z`);
  for (;;) {
    wall += 86_400_000;
    const instant = fromInput(new Date(wall).toISOString().slice(0, 16), zone);
    if (Date.parse(instant) >= end) return found;
    found.push(instant);
  }
}

/** Length of a span in words: "35 分", "1 时 20 分", "2 天 3 时". */
export function span(ms: number, language: "zh" | "en"): string {
  const minutes = Math.max(0, Math.round(Math.abs(ms) / 60_000));
  const [d, h, m] = language === "zh" ? ["天", "时", "分"] : ["d", "h", "min"];
  if (minutes < 60) return `${minutes} ${m}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} ${h} ${minutes % 60} ${m}` : `${hours} ${h}`;
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days} ${d} ${hours % 24} ${h}` : `${days} ${d}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: Record<string, string> = {
  Mon: "星期一",
  Tue: "星期二",
  Wed: "星期三",
  Thu: "星期四",
  Fri: "星期五",
  Sat: "星期六",
  Sun: "星期日",
};
