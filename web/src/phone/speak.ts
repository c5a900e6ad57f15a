/** Reading aloud by the phone's own voice, in the language of the words. */

import { signal } from "@preact/signals";
import { t } from "../i18n";
import { refused } from "../ui/toast";

/** What is being read now, by the id it was given; null when it is quiet. */
export const speaking = signal<string | null>(null);

/** Voices of some browsers stop by themselves in a long text: it goes in pieces of at most this. */
const LONGEST = 120;

export function canSpeak(): boolean {
  return "speechSynthesis" in globalThis;
}

/** The language of the words themselves: a Chinese warning is read in Chinese on an English page. */
export function languageOf(text: string): "zh-CN" | "en-US" {
  return /\p{Script=Han}/u.test(text) ? "zh-CN" : "en-US";
}

const UNITS: readonly [RegExp, string, string][] = [
  [/m³\/s/g, "立方米每秒", " cubic metres a second"],
  [/mm\/h/g, "毫米每小时", " millimetres an hour"],
  [/m\/s/g, "米每秒", " metres a second"],
  [/mm(?![a-z])/g, "毫米", " millimetres"],
  [/cm(?![a-z])/g, "厘米", " centimetres"],
  [/km(?![a-z])/g, "公里", " kilometres"],
  [/m(?![a-z])/g, "米", " metres"],
];

/** The text as it should sound: units in words, ranges with "to", no marks and no links. */
export function spoken(text: string): string {
  const chinese = languageOf(text) === "zh-CN";
  let words = text.replace(/https?:\/\/\S+/g, "");
  for (const [unit, zh, en] of UNITS) {
    words = words.replace(new RegExp(`(?<=\\d)\\s*${unit.source}`, "g"), chinese ? zh : en);
  }
  return words
    .replace(/(\d)\s*[–—~～-]\s*(?=\d)/g, chinese ? "$1到" : "$1 to ")
    .replace(/(\d+(?:\.\d+)?)%/g, chinese ? "百分之$1" : "$1 percent")
    .replace(/[【】[\]#*_]/g, chinese ? "，" : ", ")
    .replace(/[ \t]+/g, " ")
    .trim();
}

/** Pieces to be read one after the other, cut at the ends of sentences. */
export function pieces(text: string): string[] {
  const found: string[] = [];
  for (const sentence of text.match(/[^。！？；.!?;\n]+[。！？；.!?;\n]*/g) ?? []) {
    for (let i = 0; i < sentence.length; i += LONGEST) {
      const piece = sentence.slice(i, i + LONGEST).trim();
      if (/[\p{L}\p{N}]/u.test(piece)) found.push(piece);
    }
  }
  return found;
}

export function stop(): void {
  speaking.value = null;
  speechSynthesis.cancel();
}

export function speak(id: string, text: string): void {
  stop();
  const lang = languageOf(text);
  const voices = speechSynthesis.getVoices();
  const fitting = voices.filter((voice) => voice.lang.replace("_", "-").startsWith(lang.slice(0, 2)));
  // an empty list only means that the voices are not known yet
  if (voices.length && !fitting.length) return refused(t("phone.speak.no_voice"), t("phone.speak.no_voice.remedy"));
  // without a signal a voice that lives on a server would stay silent
  const voice = fitting.find((one) => one.localService) ?? fitting[0] ?? null;
  const parts = pieces(spoken(text));
  speaking.value = id;
  parts.forEach((part, i) => {
    const utterance = new SpeechSynthesisUtterance(part);
    utterance.lang = lang;
    utterance.voice = voice;
    utterance.rate = 0.95;
    if (i === parts.length - 1) utterance.onend = () => speaking.peek() === id && (speaking.value = null);
    utterance.onerror = (event) => {
      if (speaking.peek() !== id || event.error === "canceled" || event.error === "interrupted") return;
      stop();
      refused(t("phone.speak.failed"));
    };
    speechSynthesis.speak(utterance);
  });
}
