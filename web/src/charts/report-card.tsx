/** A depth that somebody reported: the range it means, how far it is trusted, its photos. */

import { address } from "../api/http";
import { named, t, word } from "../i18n";
import { openCase } from "../panels/chosen";
import { live, territory } from "../state";
import { Time } from "../ui/pieces";

export function ReportCard({ id }: { id: string }) {
  const report = live.reports.value.value?.features.find((one) => one.properties.id === id)?.properties;
  if (!report) return <p class="nothing">{t("report.gone")}</p>;
  const unit = territory.value.value?.features.find((one) => one.properties.code === report.territory);
  const low = report.low_m.toFixed(2);
  const high = report.high_m.toFixed(2);
  return (
    <>
      <header class="detail-head">
        <div>
          <h3>
            {t("report.title")} · {word("depth", report.depth_class)}
          </h3>
          <p>
            {unit && `${named(unit.properties)} · `}
            {word("role", report.role)} · <Time at={report.seen_at} />
          </p>
        </div>
      </header>
      <p>
        <strong>{t("report.depth", { low, high })}</strong>
      </p>
      <ul>
        <li>{t("report.trust", { share: Math.round(report.trust * 100) })}</li>
        {report.agreeing > 0 && <li>{t("report.agreeing", { n: report.agreeing })}</li>}
        {report.disputed && <li>{t("report.disputed")}</li>}
        <li>{t("report.accuracy", { m: Math.round(report.accuracy_m) })}</li>
      </ul>
      {report.photos.map((digest) => (
        <a key={digest} href={address(`/attachments/${digest}`)} target="_blank" rel="noreferrer">
          <img class="report-photo" src={address(`/attachments/${digest}`)} alt={t("case.photo")} loading="lazy" />
        </a>
      ))}
      <p>
        <small>{t("report.not_gauge")}</small>
      </p>
      {report.case && (
        <button type="button" onClick={() => openCase(report.case!)}>
          {t("report.case", { id: report.case })}
        </button>
      )}
    </>
  );
}
