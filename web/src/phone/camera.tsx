/** The camera at hand on every page: the first of the three taps of a report. */

import { t } from "../i18n";
import { go } from "./nav";
import { shrink } from "./photo";
import { draft } from "./report";

export function CameraButton() {
  const take = async (input: HTMLInputElement) => {
    const file = input.files?.[0];
    input.value = "";
    if (!file) return;
    draft.value = { body: {}, photo: await shrink(file).catch(() => file), keys: [] };
    go("report");
  };
  return (
    <label class="camera">
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d="M4 8h3l2-3h6l2 3h3v11H4z" />
        <circle cx="12" cy="13" r="3.500" />
      </svg>
      {t("phone.camera")}
      <input
        class="hidden"
        type="file"
        accept="image/*"
        capture="environment"
        data-testid="camera"
        onChange={(event) => void take(event.currentTarget)}
      />
    </label>
  );
}
