/** The whole of an alert: text, grounds, deliveries, the CAP document; and calling it off. */

import { useEffect, useState } from "preact/hooks";
import type { Alert, Delivery } from "../api/contract";
import { get, post } from "../api/http";
import { hazardOf, t, word } from "../i18n";
import { live, may } from "../state";
import { ask } from "../ui/ask";
import { Dialog } from "../ui/dialog";
import { Personal } from "../ui/personal";
import { ColourChip, Time } from "../ui/pieces";
import { attempt } from "../ui/toast";

type Whole = Alert & { cap_xml: string | null };

export function AlertDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const [alert, setAlert] = useState<Whole | null>(null);
  const [deliveries, setDeliveries] = useState<Delivery[] | null>(null);
  useEffect(() => {
    void attempt(get<Whole>(`/alerts/${encodeURIComponent(id)}`)).then((answer) =>
      answer ? setAlert(answer) : onClose(),
    );
    if (may("people")) {
      get<Delivery[]>(`/deliveries?alert=${encodeURIComponent(id)}`).then(setDeliveries, () => setDeliveries([]));
    }
  }, [id]);
  return (
    <Dialog title={alert?.headline ?? t("loading")} wide onClose={onClose} testid="alert-dialog">
      {alert && (
        <div class="alert-whole">
          <p class="lead">
            <ColourChip colour={alert.colour} /> {hazardOf(alert)} · {alert.area_name} ·{" "}
            {word("alert.state", alert.state)} · {alert.issuer}
          </p>
          <p>{alert.description}</p>
          {alert.instruction && <p class="instruction">{alert.instruction}</p>}
          <dl class="facts">
            <div><dt>{t("alert.drafted")}</dt><dd><Time at={alert.drafted_at} /></dd></div>
            <div><dt>{t("alert.sent")}</dt><dd><Time at={alert.sent_at} /></dd></div>
            <div><dt>{t("alert.onset")}</dt><dd><Time at={alert.onset_at} /></dd></div>
            <div><dt>{t("alert.expires")}</dt><dd><Time at={alert.expires_at} /></dd></div>
          </dl>
          {alert.approvals.length > 0 && (
            <p class="approvals">
              {alert.approvals.map((approval) => (
                <span key={approval.officer} class="approval given">
                  {approval.officer_name} · {word("decision", approval.decision)} · <Time at={approval.at} />
                </span>
              ))}
            </p>
          )}
          <details>
            <summary>{t("alert.grounds", { n: alert.grounds.length })}</summary>
            <ul class="plain mono">{alert.grounds.map((ground) => <li key={ground}>{ground.replace(/^aside:/, `${t("alert.aside")} `)}</li>)}</ul>
          </details>
          {deliveries && deliveries.length > 0 && <Deliveries list={deliveries} />}
          {alert.cap_xml && (
            <details>
              <summary>{t("alert.cap")}</summary>
              <pre>{alert.cap_xml}</pre>
            </details>
          )}
          {may("decide") && alert.state === "issued" && !alert.official && alert.msg_type !== "Cancel" && (
            <footer class="actions">
              <button type="button" data-testid="alert-cancel" onClick={() => void callOff(alert).then((done) => done && onClose())}>
                {t("alert.all_clear")}
              </button>
            </footer>
          )}
        </div>
      )}
    </Dialog>
  );
}

function Deliveries({ list }: { list: readonly Delivery[] }) {
  return (
    <details>
      <summary>{t("alert.deliveries", { n: list.length })}</summary>
      <table class="table">
        <tbody>
          {list.slice(0, 300).map((one) => (
            <tr key={one.id}>
              <td>
                <Personal person={one.person} masked={one.person_masked} subject={one.id} />
              </td>
              <td>{word("role", one.role)}</td>
              <td>{one.territory_name}</td>
              <td>{word("channel", one.channel)}</td>
              <td>
                {word("delivery", one.state)}
                {one.reason && ` · ${one.reason}`}
              </td>
              <td><Time at={one.answered_at ?? one.delivered_at ?? one.sent_at} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

async function callOff(alert: Alert): Promise<boolean> {
  const answer = await ask({
    title: t("alert.all_clear"),
    detail: <p class="lead">{alert.headline}</p>,
    fields: [{ name: "reason", label: t("ask.reason"), required: true }],
    confirm: t("alert.all_clear"),
    tone: "grave",
  });
  if (!answer) return false;
  const done = await attempt(post(`/alerts/${alert.id}/cancel`, answer), t("alert.called_off"));
  await live.alerts.refresh();
  return done !== null;
}
