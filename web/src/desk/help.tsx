/** Which keys do what. */

import { t, type Key } from "../i18n";
import { Dialog } from "../ui/dialog";
import { helpShown } from "./keyboard";

const KEYS: readonly [keys: readonly string[], what: Key][] = [
  [["Space"], "help.pause"],
  [["←", "→"], "help.step"],
  [["Shift ←", "Shift →"], "help.stride"],
  [["C"], "help.command"],
  [["Esc"], "help.close"],
  [["?"], "help.help"],
];

export function Help() {
  if (!helpShown.value) return null;
  return (
    <Dialog title={t("help")} onClose={() => (helpShown.value = false)}>
      <dl class="keys">
        {KEYS.map(([keys, what]) => (
          <div key={what}>
            <dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
            <dd>{t(what)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
