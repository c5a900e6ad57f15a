/**
 * A freight pass as a signed text, judged by nothing but what the phone carries.
 *
 * The same rules as `anlan.respond.firms.token`; `tests/data/passes.json` holds both to one set
 * of examples. Ed25519 by a library, not by `crypto.subtle`, which plain HTTP pages lack.
 */

import { ed25519 } from "@noble/curves/ed25519.js";

const PASS = "ANLAN-PASS.1";
const REVOKED = "ANLAN-REVOKED.1";
const LONGEST_PASS = 779;
const LONGEST_LIST = 100_000;

export type PassState =
  | "unreadable"
  | "unknown_key"
  | "forged"
  | "other_world"
  | "early"
  | "expired"
  | "revoked"
  | "valid";

export interface Grant {
  id: string;
  firm: string;
  plate: string;
  cargo: string;
  origin: string;
  destination: string;
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  exercise: boolean;
}

export interface RevokedList {
  at: number;
  ids: ReadonlySet<string>;
}

export interface Verdict {
  state: PassState;
  grant: Grant | null;
  /** Age of the list of revoked passes, ms; null without a list. */
  listAge: number | null;
  listOld: boolean;
}

export type Keys = Readonly<Record<string, string>>;

function bytes(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1) return null;
  const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

function fromHex(hex: string): Uint8Array | null {
  if (!/^([0-9a-f]{2}){32}$/.test(hex)) return null;
  return Uint8Array.from(hex.match(/../g)!, (pair) => parseInt(pair, 16));
}

function moment(value: unknown): number {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/.test(value)) return NaN;
  return Date.parse(value);
}

type Opened = { state: PassState; content: Record<string, unknown> };

function open(kind: string, given: string, keys: Keys, longest: number): Opened {
  const unreadable: Opened = { state: "unreadable", content: {} };
  const text = given.trim();
  const dot = text.lastIndexOf(".");
  const body = text.slice(0, dot);
  if (text.length > longest || dot < 0 || !body.startsWith(`${kind}.`)) return unreadable;
  const plain = bytes(body.slice(kind.length + 1));
  const signature = bytes(text.slice(dot + 1));
  if (!plain || !signature) return unreadable;
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(plain));
  } catch {
    return unreadable;
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) return unreadable;
  const known = content as Record<string, unknown>;
  const name = String(known["k"]);
  const key = Object.hasOwn(keys, name) ? fromHex(keys[name]!) : null;
  if (!key) return { state: "unknown_key", content: {} };
  let good = false;
  try {
    good = signature.length === 64 && ed25519.verify(signature, new TextEncoder().encode(body), key);
  } catch {
    // a point that is none of the curve's
  }
  return good ? { state: "valid", content: known } : { state: "forged", content: {} };
}

/** The list of revoked passes, or null if our keys did not sign it. */
export function readList(text: string, keys: Keys): RevokedList | null {
  const { state, content } = open(REVOKED, text, keys, LONGEST_LIST);
  const at = moment(content["t"]);
  if (state !== "valid" || Number.isNaN(at) || !Array.isArray(content["r"])) return null;
  return { at, ids: new Set(content["r"].map(String)) };
}

/**
 * Whether a pass holds at `now` (ms).
 *
 * A clock that stands before the list's own moment is wrong: the later of the two counts.
 */
export function judge(
  text: string,
  keys: Keys,
  revoked: RevokedList | null,
  now: number,
  world: { exercise: boolean; listOldMs: number },
): Verdict {
  const present = revoked ? Math.max(now, revoked.at) : now;
  const listAge = revoked ? present - revoked.at : null;
  const listOld = listAge === null || listAge > world.listOldMs;
  const { state, content } = open(PASS, text, keys, LONGEST_PASS);
  if (state !== "valid") return { state, grant: null, listAge, listOld };
  const text_ = (key: string) => String(content[key] ?? "");
  const grant: Grant = {
    id: text_("i"),
    firm: text_("n"),
    plate: text_("p"),
    cargo: text_("c"),
    origin: text_("o"),
    destination: text_("d"),
    from: moment(content["a"]),
    to: moment(content["b"]),
    exercise: Boolean(content["x"]),
  };
  if (Number.isNaN(grant.from) || Number.isNaN(grant.to)) {
    return { state: "unreadable", grant: null, listAge, listOld };
  }
  const found: PassState =
    grant.exercise !== world.exercise
      ? "other_world"
      : revoked?.ids.has(grant.id)
        ? "revoked"
        : present < grant.from
          ? "early"
          : present >= grant.to
            ? "expired"
            : "valid";
  return { state: found, grant, listAge, listOld };
}
