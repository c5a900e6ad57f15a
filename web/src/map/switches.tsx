/** Which layers of the map are drawn. */

import { t, word } from "../i18n";
import { usePopup } from "../ui/popup";
import { shown, SWITCHES } from "./view-state";

export function Switches() {
  const { open, setOpen, root } = usePopup();
  return (
    <div ref={root} class="switches">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} data-testid="layers">
        {t("map.layers")}
      </button>
      {open && (
        <fieldset class="menu">
          <legend class="hidden">{t("map.layers")}</legend>
          {SWITCHES.map((name) => (
            <label key={name}>
              <input
                type="checkbox"
                checked={shown.value[name]}
                onChange={(event) => {
                  shown.value = { ...shown.value, [name]: event.currentTarget.checked };
                }}
              />
              {word("layer", name)}
            </label>
          ))}
        </fieldset>
      )}
    </div>
  );
}
