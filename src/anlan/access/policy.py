"""The policy: one table of every route, the right that it asks for, and how far it reaches.

A route without a row is refused to everybody, and a test fails. `gate` stands before every route
and asks this table; the roles' rights are in `anlan.access.rights`.

To add a route, add its line to `TABLE`: method, path as the router has it, right, reach.

========== =====================================================================================
right      a `Right`; ``a|b``: one of them; ``account``: whoever is signed in; ``session``: also
           who has not shown a second factor yet; ``-``: nobody is asked
reach      what the answer is about
========== =====================================================================================
public     what strangers may have
token      what the secret in the address opens, and nothing else
city       the one picture of the whole city: every holder of the right gets the same
territory  the caller's part of the city. A foreign id answers 404, lists leave foreign things out
own        the caller's own things. Anybody else's id answers 404
========== =====================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts

from anlan.access.rights import Right
from anlan.refusal import Refusal

Reach = Literal["public", "token", "city", "territory", "own"]

TABLE = """
GET    /api/openapi.json                                -           public
GET    /api/docs                                        -           public
GET    /healthz                                         -           public
GET    /readyz                                          -           public
GET    /metrics                                         view        city
GET    /cap/alerts.atom                                 -           public
GET    /cap/{alert_id}.xml                              -           public
GET    /api/v1/session                                  -           public
GET    /api/v1/clock                                    -           public
POST   /api/v1/signout                                  -           public
GET    /signin/sso                                      -           token
GET    /signin/sso/return                               -           token
GET    /signin/{token}                                  -           token
POST   /api/v1/signin                                   -           token
GET    /api/v1/me/security                              session     own
POST   /api/v1/me/password                              session     own
POST   /api/v1/me/second-factor                         session     own
POST   /api/v1/me/second-factor/confirm                 session     own
POST   /api/v1/me/second-factor/code                    session     own
POST   /api/v1/me/second-factor/remove                  account     own
POST   /api/v1/me/sessions/end-others                   account     own
POST   /api/v1/me/sessions/{session_id}/end             account     own
POST   /api/v1/channels/{name}/reports/{token}          -           token
GET    /r/{token}                                       -           token
POST   /r/{token}                                       -           token
POST   /api/v1/readings                                 ingest      city
GET    /api/v1/stations                                 view        city
GET    /api/v1/stations/health                          view        city
GET    /api/v1/sources                                  view        city
GET    /api/v1/series/{series}                          view        city
GET    /api/v1/series/{series}/aggregates               view        city
GET    /api/v1/official                                 view        city
GET    /api/v1/official/{notice_id}/cap                 view        city
GET    /api/v1/cameras                                  view        city
GET    /api/v1/cameras/{camera_id}/frames               view        city
GET    /api/v1/cameras/{camera_id}/picture              view        city
POST   /api/v1/depth-reports                            phone       city
GET    /api/v1/depth-reports                            view        territory
GET    /api/v1/runs                                     view        city
GET    /api/v1/runs/{run_id}                            view        city
GET    /api/v1/runs/{run_id}/depth/{layer}/{index}.u8   view        city
GET    /api/v1/runs/{run_id}/probability/{threshold}.u8 view        city
GET    /api/v1/runs/{run_id}/series/{station_id}        view        city
GET    /api/v1/runs/{run_id}/places/{place_id}          view        city
GET    /api/v1/assessments/latest                       view        city
GET    /api/v1/assessments/{run_id}                     view        city
GET    /api/v1/assessments/{run_id}/report.{kind}       view        city
GET    /api/v1/alerts                                   view        city
POST   /api/v1/alerts                                   decide      city
GET    /api/v1/alerts/{alert_id}                        view        city
GET    /api/v1/alerts/{alert_id}/audience               people      city
POST   /api/v1/alerts/{alert_id}/polygon                decide      city
POST   /api/v1/alerts/{alert_id}/approve                decide      city
POST   /api/v1/alerts/{alert_id}/reject                 decide      city
POST   /api/v1/alerts/{alert_id}/cancel                 decide      city
GET    /api/v1/deliveries                               people      city
GET    /api/v1/people                                   personal    territory
POST   /api/v1/people/{person}/open                     personal    territory
GET    /api/v1/openings                                 journal     city
GET    /api/v1/me/openings                              account     own
GET    /api/v1/me/messages                              phone       own
GET    /api/v1/me/push                                  phone       own
POST   /api/v1/me/push                                  phone       own
POST   /api/v1/me/push/end                              phone       own
POST   /api/v1/deliveries/{delivery_id}/acknowledge     phone       own
GET    /api/v1/channels                                 view        city
GET    /api/v1/silences                                 view        city
POST   /api/v1/silences                                 decide      city
POST   /api/v1/silences/{silence_id}/lift               decide      city
GET    /api/v1/water-outline                            view        city
GET    /api/v1/communication-tests                      people      city
POST   /api/v1/communication-tests                      decide      city
GET    /api/v1/communication-tests/{test_id}            people      city
GET    /api/v1/incidents                                view        city
POST   /api/v1/incidents                                decide      city
POST   /api/v1/incidents/{incident}/level               decide      city
POST   /api/v1/incidents/{incident}/close               decide      city
GET    /api/v1/incidents/{incident}/foresee             decide      city
GET    /api/v1/incidents/{incident}/checklist           view        city
GET    /api/v1/incidents/{incident}/log                 journal     city
GET    /api/v1/incidents/{incident}/log.csv             journal     city
GET    /api/v1/incidents/{incident}/log.html            journal     city
POST   /api/v1/incidents/{incident}/orders              view        city
POST   /api/v1/incidents/{incident}/posts/{post}/{command} view     city
GET    /api/v1/command                                  view        own
GET    /api/v1/command/accounts                         journal     city
GET    /api/v1/me/orders                                phone       own
POST   /api/v1/orders/{order_id}/{command}              phone       territory
GET    /api/v1/handovers                                journal     city
POST   /api/v1/handovers                                journal     city
POST   /api/v1/handovers/{handover_id}/{command}        journal     city
GET    /api/v1/drill                                    phone       city
POST   /api/v1/drill/start                              decide      city
POST   /api/v1/drill/end                                decide      city
POST   /api/v1/drill/injects/{inject}/answer            phone       city
GET    /api/v1/drill/report                             view        city
GET    /api/v1/drill/report.html                        view        city
GET    /api/v1/cases                                    phone       territory
POST   /api/v1/cases                                    phone       city
GET    /api/v1/cases/{case_id}                          phone       territory
POST   /api/v1/cases/{case_id}/apart                    phone       territory
POST   /api/v1/cases/{case_id}/personal                 phone       territory
POST   /api/v1/cases/{case_id}/{command}                phone       territory
GET    /api/v1/packs                                    phone       city
GET    /api/v1/points                                   phone       own
GET    /api/v1/points/board                             command     territory
GET    /api/v1/bookings                                 phone       city
GET    /api/v1/tasks                                    phone       territory
POST   /api/v1/tasks/{task_id}/note                     phone       territory
GET    /api/v1/tasks/{task_id}/standing                 phone       territory
POST   /api/v1/tasks/{task_id}/{command}                phone       territory
GET    /api/v1/firms                                    view        territory
GET    /api/v1/firms/{firm_id}                          view        territory
POST   /api/v1/firms/{firm_id}/colour                   command     territory
POST   /api/v1/firms/{firm_id}/operation                command     territory
POST   /api/v1/firms/{firm_id}/measures                 command     territory
POST   /api/v1/firms/{firm_id}/measures/end             command     territory
POST   /api/v1/firms/{firm_id}/cases                    command     territory
GET    /api/v1/me/firm                                  phone       own
POST   /api/v1/me/firm/passes                           phone       own
POST   /api/v1/me/firm/requests                         phone       own
POST   /api/v1/me/firm/operation                        phone       own
POST   /api/v1/me/firm/shots                            phone       own
GET    /api/v1/me/firm/shot                             phone       own
POST   /api/v1/me/firm/live                             phone       own
GET    /api/v1/me/firm/live                             phone       own
GET    /api/v1/checks/{check_id}/live                   command     territory
POST   /api/v1/checks/{check_id}/live                   command     territory
GET    /api/v1/passes                                   view        territory
GET    /api/v1/passes/kit                               phone       city
POST   /api/v1/passes/check                             phone       city
POST   /api/v1/passes/keys/retire                       decide      city
POST   /api/v1/passes/{pass_id}/issue                   command     territory
POST   /api/v1/passes/{pass_id}/refuse                  command     territory
POST   /api/v1/passes/{pass_id}/revoke                  command     territory
GET    /api/v1/checks/{check_id}                        view        territory
GET    /api/v1/checks/{check_id}/shot                   view        territory
POST   /api/v1/checks/{check_id}/judge                  command     territory
GET    /api/v1/neighbours                               view        city
GET    /api/v1/me/joint                                 phone       own
GET    /api/v1/joint/{joint_id}                         phone       territory
POST   /api/v1/joint/{joint_id}/join                    decide      territory
POST   /api/v1/joint/{joint_id}/sign                    phone       territory
POST   /api/v1/joint/{joint_id}/tasks                   command     territory
GET    /api/v1/notices                                  phone       own
POST   /api/v1/attachments                              phone       own
GET    /api/v1/attachments/{digest}                     phone       territory
GET    /api/v1/rain                                     view        city
GET    /api/v1/roads                                    view        city
GET    /api/v1/roads/vehicles                           view        city
GET    /api/v1/roads/at                                 view        city
GET    /api/v1/roads/by-hand                            view        city
POST   /api/v1/roads/by-hand                            command     territory
POST   /api/v1/roads/by-hand/{road_order}/lift          command     territory
GET    /api/v1/route                                    view        city
GET    /api/v1/isochrones                               view        city
GET    /api/v1/resources                                view        city
GET    /api/v1/resources/requests                       view        city
POST   /api/v1/resources/requests                       command     city
GET    /api/v1/resources/requests/{request_id}/offers   view        city
POST   /api/v1/resources/requests/{request_id}/fill     command     city
POST   /api/v1/resources/requests/{request_id}/cancel   command     city
POST   /api/v1/resources/fills/{fill_id}/receive        command     city
POST   /api/v1/resources/fills/{fill_id}/return         command     city
POST   /api/v1/resources/fills/{fill_id}/consume        command     city
POST   /api/v1/resources/lots                           command     city
POST   /api/v1/resources/assets/{asset_id}/state        command     city
POST   /api/v1/resources/shelters/{shelter_id}/open     command     city
POST   /api/v1/resources/shelters/{shelter_id}/people   command     city
GET    /api/v1/dispatch/proposal                        command     territory
POST   /api/v1/dispatch/accept                          command     territory
POST   /api/v1/dispatch/refuse                          command     territory
POST   /api/v1/dispatch/allow                           command     territory
GET    /api/v1/evacuation                               view        territory
POST   /api/v1/evacuation/accept                        decide      city
GET    /api/v1/evacuation/villages/{village}/people     command     territory
POST   /api/v1/evacuation/villages/{village}/people     command     territory
GET    /api/v1/review                                   view        city
GET    /api/v1/review.html                              view        city
GET    /api/v1/accounts                                 accounts    city
POST   /api/v1/accounts/{account}/link                  accounts    city
GET    /api/v1/territory                                phone       city
GET    /api/v1/layers                                   view        city
GET    /api/v1/places                                   phone       city
GET    /api/v1/street                                   phone       city
GET    /api/v1/street/water/{run_id}.u8                 phone       city
GET    /api/v1/track                                    view        city
POST   /api/v1/replay                                   replay      city
GET    /api/v1/journal                                  journal     city
GET    /api/v1/journal/trace/{subject}                  journal     city
GET    /api/v1/journal/verify                           journal     city
GET    /api/v1/live                                     phone       territory
GET    /join/{token}                                    -           token
POST   /join/{token}                                    -           token
GET    /v/{token}                                       -           token
POST   /v/{token}                                       -           token
GET    /api/v1/me/volunteer                             phone       own
POST   /api/v1/me/volunteer                             phone       own
GET    /api/v1/volunteers                               command     territory
POST   /api/v1/volunteers/{volunteer}/{command}         command     territory
POST   /api/v1/volunteer-invitations                    command     territory
GET    /api/v1/volunteer-work                           command     territory
POST   /api/v1/volunteer-work                           command     territory
GET    /api/v1/volunteer-work/{work}                    command     territory
POST   /api/v1/volunteer-work/{work}/{command}          command     territory
GET    /api/v1/volunteer-hours.csv                      command     territory
GET    /api/v1/learning                                 command     territory
POST   /api/v1/learning                                 command     territory
POST   /api/v1/learning/{item}/withdraw                 command     territory
ANY    /sta/v1.1                                        view|ingest territory
ANY    /sta/v1.1/{path:path}                            view|ingest territory
"""

ANY = ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT")
# refused there in the shape that OData asks for, by the same table's rights
ANSWERS_ITSELF = ("/sta/v1.1", "/sta/v1.1/{path:path}")


@dataclass(frozen=True)
class Row:
    """One line of the policy: ``rights`` of which one suffices; none, and nobody is asked.

    ``signed_in``: every account may, whatever its role; ``unfinished``: also before its second
    factor.
    """

    method: str
    path: str
    rights: frozenset[Right]
    reach: Reach
    signed_in: bool = False
    unfinished: bool = False

    @property
    def open(self) -> bool:
        """Whether strangers come through."""
        return not self.rights and not self.signed_in


def read(table: str) -> tuple[Row, ...]:
    """The rows of a table as `TABLE` is written; ``ValueError`` names a line that is none."""
    rows = []
    for line in table.strip().splitlines():
        cells = line.split()
        if len(cells) != 4 or cells[3] not in get_args(Reach):
            raise ValueError(f"policy line '{line}' is not: method, path, right, reach")
        methods = ANY if cells[0] == "ANY" else (cells[0],)
        named = () if cells[2] in ("-", "account", "session") else tuple(cells[2].split("|"))
        unknown = set(named) - set(get_args(Right))
        if unknown:
            raise ValueError(f"policy line '{line}': {', '.join(unknown)} is not a right")
        rights = frozenset(cast(Sequence[Right], named))
        reach = cast(Reach, cells[3])
        signed_in, unfinished = cells[2] in ("account", "session"), cells[2] == "session"
        rows += [Row(each, cells[1], rights, reach, signed_in, unfinished) for each in methods]
    return tuple(rows)


ROWS = read(TABLE)


@dataclass(frozen=True)
class Bound:
    """The policy of one application: the row of each route, and what does not fit.

    ``missing``: routes without a row; ``stale``: rows without a route.
    """

    rows: Mapping[tuple[Callable[..., object], str], Row]
    missing: tuple[str, ...]
    stale: tuple[str, ...]


def bind(app: FastAPI) -> Bound:
    """Find the row of every route of ``app``; HEAD counts as GET."""
    known = {(row.method, row.path): row for row in ROWS}
    found: dict[tuple[Callable[..., object], str], Row] = {}
    missing, used = [], set()
    for route in iter_route_contexts(app.routes):
        if route.endpoint is None:
            continue
        for method in sorted((route.methods or set()) - {"HEAD"}):
            row = known.get((method, str(route.path)))
            if row is None:
                missing.append(f"{method} {route.path}")
                continue
            used.add((method, row.path))
            found[route.endpoint, method] = row
    stale = [f"{method} {path}" for method, path in known if (method, path) not in used]
    return Bound(found, tuple(missing), tuple(stale))


def row_of(request: Request) -> Row:
    """The row of the route that is asked for.

    Raises:
        Refusal: ``forbidden`` for a route without a row: nobody decided who may have it.
    """
    bound: Bound = request.app.state.policy
    method = "GET" if request.method == "HEAD" else request.method
    row = bound.rows.get((request.scope["endpoint"], method))
    if row is None:
        raise Refusal(
            f"{method} {request.url.path} has no row in the policy, so nobody may have it; "
            "add one to anlan/access/policy.py",
            field="policy",
            value=f"{method} {request.url.path}",
            remedy="a row of the policy",
            kind="forbidden",
        )
    return row
