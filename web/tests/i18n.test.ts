import { describe, expect, it } from "vitest";
import { en } from "../src/i18n/en";
import { zh } from "../src/i18n/zh";

const KEYS = Object.keys(zh) as (keyof typeof zh)[];

function slots(words: string): string[] {
  return [...words.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort();
}

const SOURCES = import.meta.glob<string>(["../src/**/*.{ts,tsx}", "!../src/i18n/**"], {
  query: "?raw",
  import: "default",
  eager: true,
});

describe("the words of the pages", () => {
  it("exist in both languages, none of them empty", () => {
    expect(Object.keys(en).sort()).toEqual([...KEYS].sort());
    for (const key of KEYS) {
      expect(zh[key].trim(), key).not.toBe("");
      expect(en[key].trim(), key).not.toBe("");
    }
  });

  it("have the same slots in both languages", () => {
    for (const key of KEYS) expect(slots(en[key]), key).toEqual(slots(zh[key]));
  });

  it("are all used: by their key, or as a word of a group", () => {
    const text = Object.values(SOURCES).join("\n");
    const groups = [...text.matchAll(/(?:word\(|group=)"([\w.]+)"/g)].map((match) => `${match[1]}.`);
    const built = [...text.matchAll(/`([\w.]+\.)\$\{/g)].map((match) => match[1]!);
    const conditional = ["task.command.", "case.command."];
    const prefixes = [...groups, ...built, ...conditional];
    const idle = KEYS.filter((key) => !text.includes(`"${key}"`) && !prefixes.some((prefix) => key.startsWith(prefix)));
    expect(idle).toEqual([]);
  });
});
