/** Photos of a form, kept on the phone until the letter that they belong to is sent. */

import { useEffect, useState } from "preact/hooks";
import type { Answer, Answers } from "../api/packs";
import { t } from "../i18n";
import { shrink } from "./photo";

const MOST = 10;
/** What was taken since the page was opened, by the name that stands for it in the answers. */
const taken = new Map<string, Blob>();
let last = 0;

export function FormPhotos({ value, onValue }: { value: string[]; onValue: (names: string[]) => void }) {
  const add = (input: HTMLInputElement) => {
    const files = [...(input.files ?? [])].slice(0, MOST - value.length);
    input.value = "";
    const names = files.map((file) => {
      const name = `photo-${Date.now()}-${++last}`;
      // kept at once, made small when that is done: who is quick to send loses nothing
      taken.set(name, file);
      void shrink(file).then((small) => taken.set(name, small), () => undefined);
      return name;
    });
    onValue([...value, ...names]);
  };
  return (
    <div class="photo-field">
      {value.map((name) => (
        <Shown key={name} photo={taken.get(name)} onRemove={() => onValue(value.filter((one) => one !== name))} />
      ))}
      {value.length < MOST && (
        <label class="photo-button">
          {t("phone.photo")}
          <input class="hidden" type="file" accept="image/*" multiple data-testid="form-photo" onChange={(event) => add(event.currentTarget)} />
        </label>
      )}
    </div>
  );
}

function Shown({ photo, onRemove }: { photo: Blob | undefined; onRemove: () => void }) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!photo) return;
    const made = URL.createObjectURL(photo);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [photo]);
  return (
    <div>
      {url && <img class="thumb" src={url} alt={t("phone.photo")} />}
      <button type="button" class="plain-button" onClick={onRemove}>
        {t("phone.photo.remove")}
      </button>
    </div>
  );
}

/** The photos that `answers` name. */
export function filesOf(answers: Answers): Record<string, Blob> {
  const found: Record<string, Blob> = {};
  const walk = (answer: Answer): void => {
    if (typeof answer === "string") {
      const photo = taken.get(answer);
      if (photo) found[answer] = photo;
    } else if (Array.isArray(answer)) answer.forEach(walk);
    else if (answer && typeof answer === "object") Object.values(answer).forEach(walk);
  };
  Object.values(answers).forEach(walk);
  return found;
}
