/** Photos uploaded at once, shown small; what the form keeps are their digests. */

import { useState } from "preact/hooks";
import { address, post } from "../api/http";
import { t } from "../i18n";
import { attempt } from "./toast";

const MOST = 10;

export function PhotoList({ value, onValue }: { value: string[]; onValue: (digests: string[]) => void }) {
  const [busy, setBusy] = useState(false);
  const add = async (files: FileList | null) => {
    setBusy(true);
    const digests = [...value];
    for (const file of [...(files ?? [])].slice(0, MOST - value.length)) {
      const body = new FormData();
      body.append("file", file);
      const kept = await attempt(post<{ digest: string }>("/attachments", body));
      if (kept && !digests.includes(kept.digest)) digests.push(kept.digest);
    }
    setBusy(false);
    onValue(digests);
  };
  return (
    <div class="photo-list">
      {value.map((digest) => (
        <span key={digest}>
          <img src={address(`/attachments/${digest}`)} alt={t("case.photo")} />
          <button
            type="button"
            class="icon"
            aria-label={t("phone.photo.remove")}
            onClick={() => onValue(value.filter((one) => one !== digest))}
          >
            ×
          </button>
        </span>
      ))}
      {value.length < MOST && (
        <label class="photo-add">
          {t(busy ? "loading" : "form.photos.add")}
          <input
            class="hidden"
            type="file"
            accept="image/*"
            multiple
            disabled={busy}
            data-testid="photo-list-add"
            onChange={(event) => void add(event.currentTarget.files)}
          />
        </label>
      )}
    </div>
  );
}
