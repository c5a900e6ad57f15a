/** The volunteer's page 志愿: answer a call, claim, check in and out, learn. */

import { useEffect } from "preact/hooks";
import type { OwnVolunteer } from "../../api/volunteer";
import { t } from "../../i18n";
import { Nothing } from "../../ui/pieces";
import { Age } from "../as-of";
import { own } from "./known";
import { Learning } from "./learning";
import { Me } from "./me";
import { Register } from "./register";
import { Calls, Mine, Offers, Out } from "./work";

const EVERY = 8_000;

export function VolunteerPage() {
  useEffect(() => {
    void own.refresh();
    const timer = setInterval(() => void own.refresh(), EVERY);
    return () => clearInterval(timer);
  }, []);
  const here = own.value.value;
  if (!here) return <Nothing loaded={own.absent.value} failed={own.failed.value} text={t("v.none_here")} />;
  return (
    <>
      <Age of={own.asOf.value} />
      {here.volunteer?.state === "approved" ? <Approved here={here} /> : <Applicant here={here} />}
    </>
  );
}

function Applicant({ here }: { here: OwnVolunteer }) {
  return (
    <>
      {here.volunteer?.state === "applied" && (
        <article class="card" data-testid="applied">
          <h2>{here.volunteer.id}</h2>
          <p>{t("v.applied")}</p>
        </article>
      )}
      {here.volunteer?.state === "refused" && <p class="card">{t("v.refused")}</p>}
      {here.volunteer?.state !== "applied" && <Register rules={here.rules} />}
      {here.volunteer && <Me here={here} />}
      <Learning items={here.learning} />
    </>
  );
}

function Approved({ here }: { here: OwnVolunteer }) {
  return (
    <>
      <Out here={here} />
      <Calls here={here} />
      <Learning items={here.learning} />
      <Mine here={here} />
      <Offers here={here} />
      <Me here={here} />
    </>
  );
}
