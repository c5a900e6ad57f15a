/** A photo for a report or as evidence, made small before it is kept and sent. */

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";

const LONGEST_SIDE = 1600;
const QUALITY = 0.82;

export async function shrink(file: File): Promise<Blob> {
  const image = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  const small = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return small ?? file;
}

export function PhotoField({ photo, onPhoto }: { photo: Blob | null; onPhoto: (photo: Blob | null) => void }) {
  const [shown, setShown] = useState<string | null>(null);
  useEffect(() => {
    if (!photo) return setShown(null);
    const url = URL.createObjectURL(photo);
    setShown(url);
    return () => URL.revokeObjectURL(url);
  }, [photo]);
  const chosen = useRef<File | null>(null);
  const choose = async (file: File | undefined) => {
    if (!file) return;
    // kept at once, made small when that is done: who is quick to send loses nothing
    chosen.current = file;
    onPhoto(file);
    // what the browser cannot draw (some raw formats) goes as it is; the service says if it cannot either
    const small = await shrink(file).catch(() => file);
    if (chosen.current === file) onPhoto(small);
  };
  const remove = () => {
    chosen.current = null;
    onPhoto(null);
  };
  useEffect(() => () => void (chosen.current = null), []);
  return (
    <div class="photo-field">
      {shown && <img src={shown} alt={t("phone.photo")} />}
      <label class="photo-button">
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M4 8h3l2-3h6l2 3h3v11H4z" />
          <circle cx="12" cy="13" r="3.500" />
        </svg>
        {t("phone.photo")}
        <input
          class="hidden"
          type="file"
          accept="image/*"
          capture="environment"
          data-testid="photo"
          onChange={(event) => void choose(event.currentTarget.files?.[0])}
        />
      </label>
      {photo && (
        <button type="button" class="plain-button" onClick={remove}>
          {t("phone.photo.remove")}
        </button>
      )}
    </div>
  );
}
