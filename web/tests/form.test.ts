import { expect, test } from "vitest";
import type { PackField } from "../src/api/packs";
import { asked, firstMissing, toSend } from "../src/ui/form-answers";

const FIELD: PackField = {
  key: "",
  type: "text",
  label: "",
  label_en: "",
  hint: "",
  hint_en: "",
  required: false,
  personal: false,
  min: null,
  max: null,
  unit: "",
  each: "",
  must: null,
  when: null,
  options: [],
};
const items: PackField = { ...FIELD, key: "items", type: "choices", required: true };
const grade: PackField = { ...FIELD, key: "grade", type: "choice" };
const stopgap: PackField = { ...FIELD, key: "stopgap", required: true, when: { key: "grade", is: ["major"] } };
const passed: PackField = { ...FIELD, key: "passed", type: "yes_no", each: "items", required: true };
const FORM = [items, grade, stopgap];

test("a question under a condition is asked only when the condition holds", () => {
  expect(asked(stopgap, { grade: "general" })).toBe(false);
  expect(asked(stopgap, { grade: "major" })).toBe(true);
});

test("an answer to what is no longer asked is not sent", () => {
  const answers = { items: ["wet"], grade: "general", stopgap: "围挡" };
  expect(toSend(FORM, answers)).toEqual({ items: ["wet"], grade: "general" });
});

test("no, zero and an empty list are told apart from no answer", () => {
  const count: PackField = { ...FIELD, key: "count", type: "integer" };
  const yes: PackField = { ...FIELD, key: "yes", type: "yes_no" };
  expect(toSend([count, yes, items], { count: 0, yes: false, items: [] })).toEqual({ count: 0, yes: false });
});

test("one answer is sent for each choice made earlier, and for no other", () => {
  const before = { items: ["wet", "cracked"] };
  const answers = { passed: { wet: true, cracked: false, gone: true } };
  expect(toSend([passed], answers, before)).toEqual({ passed: { wet: true, cracked: false } });
});

test("the first required question without an answer is named, those not asked left out", () => {
  expect(firstMissing(FORM, {})?.key).toBe("items");
  expect(firstMissing(FORM, { items: ["wet"], grade: "major" })?.key).toBe("stopgap");
  expect(firstMissing(FORM, { items: ["wet"], grade: "general" })).toBe(null);
  expect(firstMissing([passed], { passed: { wet: true } }, { items: ["wet", "cracked"] })?.key).toBe("passed");
});
