import { decodeQR } from "qr/decode.js";
import { encodeQR } from "qr";
import { expect, test } from "vitest";
import { judge, readList } from "../src/passes/token";
import shared from "../../tests/data/passes.json";

interface Examples {
  keys: Record<string, string>;
  grant: { plate: string; destination: string; firm: string };
  cases: { state: string; token: string; revoked: string | null; now: string }[];
}

// written by tests/respond/firms/test_token.py, which holds the desk to it
const examples: Examples = shared;
const world = { exercise: true, listOldMs: 6 * 3600_000 };

for (const [at, one] of examples.cases.entries()) {
  test(`the phone judges example ${at} as the desk does: ${one.state}`, () => {
    const list = one.revoked ? readList(one.revoked, examples.keys) : null;
    expect(Boolean(list)).toBe(Boolean(one.revoked));
    const found = judge(one.token, examples.keys, list, Date.parse(one.now), world);
    expect(found.state).toBe(one.state);
    if (found.grant) expect(found.grant).toMatchObject(examples.grant);
  });
}

test("a changed letter is never a valid pass", () => {
  const { token, now } = examples.cases[0]!;
  for (let at = 13; at < token.length - 1; at += 7) {
    const changed = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
    expect(judge(changed, examples.keys, null, Date.parse(now), world).state).not.toBe("valid");
  }
});

test("the age of the list is told, and none is as good as old", () => {
  const { token, revoked, now } = examples.cases[0]!;
  const list = readList(revoked!, examples.keys)!;
  const hour = 3600_000;
  expect(judge(token, examples.keys, list, Date.parse(now), world)).toMatchObject({ listAge: hour, listOld: false });
  expect(judge(token, examples.keys, list, list.at + 7 * hour, world)).toMatchObject({ listAge: 7 * hour, listOld: true });
  expect(judge(token, examples.keys, null, Date.parse(now), world)).toMatchObject({ listAge: null, listOld: true });
});

test("what is drawn as a code is read back from its pixels", () => {
  const { token } = examples.cases[0]!;
  const dots = encodeQR(token, "raw", { ecc: "medium", border: 4 });
  const scale = 3;
  const side = dots.length * scale;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (!dots[Math.floor(y / scale)]![Math.floor(x / scale)]) continue;
      data.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
    }
  }
  expect(decodeQR({ width: side, height: side, data })).toBe(token);
});
