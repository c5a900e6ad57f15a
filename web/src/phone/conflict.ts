/** What to keep of letters that the service would not take. */

import { about, type Letter } from "./outbox";

/** Refused letters, each with those about the same thing that wait behind it. */
export function conflicts(letters: readonly Letter[]): Letter[][] {
  const heads = letters.filter((letter) => letter.refused);
  const seen = new Set<string>();
  const groups: Letter[][] = [];
  for (const head of heads) {
    const thing = about(head);
    if (seen.has(thing)) continue;
    seen.add(thing);
    groups.push(letters.filter((letter) => about(letter) === thing));
  }
  return groups;
}

/** The task that letters are about, or null. */
export function taskOf(letters: readonly Letter[]): string | null {
  const [kind, id] = about(letters[0]!).split("/");
  return kind === "tasks" && id ? id : null;
}

export interface Note {
  text: string;
  photo: Blob | null;
  at: number;
}

/** Notes that keep all words and photos of `letters`, one for each letter that has any; of letters
 * without, one that says what was done and when. `when` writes a time of the phone's clock. */
export function notesOf(letters: readonly Letter[], when: (at: number) => string): Note[] {
  const words = (letter: Letter) =>
    [letter.body["text"], letter.body["reason"]].filter((one): one is string => typeof one === "string" && !!one.trim());
  const line = (letter: Letter) => [`${when(letter.at)} ${letter.title ?? ""}`.trim(), ...words(letter)].join("：");
  const telling = letters.filter((letter) => letter.photo || words(letter).length);
  if (telling.length) return telling.map((letter) => ({ text: line(letter), photo: letter.photo, at: letter.at }));
  return [{ text: letters.map(line).join("；"), photo: null, at: letters[0]!.at }];
}
