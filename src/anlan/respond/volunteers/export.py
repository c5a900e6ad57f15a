"""Hours of service as CSV, for the city's register of volunteers."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from anlan.access.vault import Vault, masked_name
from anlan.city import City
from anlan.legible import cell
from anlan.respond.volunteers import hours
from anlan.respond.volunteers.claiming import CAME
from anlan.respond.volunteers.records import CL, P, V, W

COLUMNS = (
    "编号 volunteer", "姓名(掩码) name masked", "村社区 home", "工作 work", "内容 title",
    "演练 drill", "签到 in", "签退 out", "日志分钟 minutes by journal", "计入分钟 minutes counted",
)  # fmt: skip


def hours_csv(
    conn: Connection, city: City, vault: Vault, within: Collection[str] | None, exercise: bool
) -> str:
    """Every claim that somebody came for, with its minutes; UTF-8 with a byte-order mark.

    Times are the city's; names are masked. In an exercise the first row says so.
    """
    rows = conn.execute(
        select(CL, W.c.title, W.c.drill, V.c.person, V.c.territory, V.c.synthetic)
        .join(W, W.c.id == CL.c.work)
        .join(V, V.c.id == CL.c.volunteer)
        .where(CL.c.state.in_(sorted(CAME)))
        .order_by(CL.c.volunteer, CL.c.out_at)
    ).all()
    rows = [row for row in rows if within is None or row.territory in within]
    minutes = hours.of_claims(conn, [row.id for row in rows])
    people = {row.person for row in rows if row.person}
    names = {
        row.id: masked_name(vault.open(row.name_enc))
        for row in conn.execute(select(P.c.id, P.c.name_enc).where(P.c.id.in_(people)))
    }

    def local(moment: datetime | None) -> str:
        return "" if moment is None else f"{moment.astimezone(city.zone):%Y-%m-%d %H:%M}"

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if exercise:
        writer.writerow(["【演练】EXERCISE"])
    if any(row.synthetic for row in rows):
        writer.writerow(["合成数据：人员为虚构 synthetic: invented persons"])
    writer.writerow(COLUMNS)
    for row in rows:
        journal, counted = minutes[row.id]
        cells = (
            row.volunteer, names.get(row.person or "", "已注销"),
            city.territory.unit(row.territory).name, row.work, row.title,
            "是 yes" if row.drill else "", local(row.out_at), local(row.back_at), journal, counted,
        )  # fmt: skip
        writer.writerow([cell(each) for each in cells])
    return "\ufeff" + out.getvalue()
