"""Why an exchange came out as it did: each step of judgement, what it found, and the one that answered.

The law: an explanation is no second opinion. It walks along the very steps that answer a request (`STEPS`), on the same
inputs, and only writes down what each has found; so its last stage has the status and code of the answer. It is
made when somebody asks for it, and costs the answer nothing.

Credentials are never shown. Where the request was kept without them, what they were worth is read from the answer
that was given.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from mockserver.contract import Violation
from mockserver.contract.violation import glimpse
from mockserver.domain.audit import list_changes
from mockserver.domain.customer import AuditEntry, Change, Customer
from mockserver.domain.outcome import Accepted, Found, Granted, Refusal
from mockserver.exchange.authentication import find_fault
from mockserver.exchange.hiding_bodies import hide_json
from mockserver.exchange.passage import Load, Passage
from mockserver.exchange.plain import Json, plain
from mockserver.exchange.rendering import ground
from mockserver.exchange.reply import Reply, Setting
from mockserver.exchange.respond import steps_of
from mockserver.exchange.secrecy import HIDDEN, is_secret_name
from mockserver.messages import Request

MOST_VIOLATIONS = 100  # that are listed; a body of 1 MiB can have a hundred thousand
_CREDENTIALS = ("Authorization", "X-CAP-API-OAUTH-TOKEN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of judgement and what came of it.

    `name` is the step's, in the words of `STEPS`. `outcome` is `passed`; `refused` or `answered` at the step that
    ended it; `accepted` or `rejected` where the rules decided. `value` is what the step found, as JSON. `place` and
    `why` say what was refused, `basis` what it rests on in the words of X-Mock-Basis. `status` (HTTP) and `code`
    (the refusal's) are those of the answer, on the last stage only; `warnings` are codes, where the rules decided.
    """

    name: str
    outcome: str
    value: Json = None
    place: str = ""
    why: str = ""
    basis: str = ""
    status: int | None = None
    code: int | None = None
    warnings: tuple[int, ...] = ()

    def record(self) -> dict[str, Json]:
        """Return the stage as JSON; members that say nothing are left out."""
        record = {"stage": self.name, "outcome": self.outcome, "value": self.value}
        said = {"place": self.place, "why": self.why, "basis": self.basis, "status": self.status, "code": self.code}
        return record | {name: plain(value) for name, value in said.items() if value not in ("", None)}


def explain(
    setting: Setting, request: Request, *, load: Load, now: str, answered: Reply | None = None
) -> tuple[Stage, ...]:
    """Return the stages of a request, up to the one that answered it.

    `load` gives the customers as they were when the request was answered, `now` the time of that (RFC 3339).
    `answered` is the reply that was given: needed where the request's credentials have been hidden since, and then it
    decides whether they were enough. Without it the request's own credentials are judged.
    """
    passage = Passage(setting, request, load, now)
    stages: list[Stage] = []
    for name, step in steps_of(request):
        hidden = name == "authenticate" and answered is not None
        reply = refused_credentials(answered) if hidden else step(passage)
        stages.append(_stage(name, passage, reply, hidden=hidden))
        if reply is not None:
            break
    return tuple(stages)


def refused_credentials(answered: Reply | None) -> Reply | None:
    """Return a reply if it is the refusal of credentials; a 401 that was forced says nothing of them."""
    is_refusal = answered is not None and answered.code == 401 and not answered.forced
    return answered if is_refusal else None


def changes_of(before: Customer | None, after: Customer) -> list[dict[str, Json]]:
    """Return what an accepted update changed, each as `member`, `previous` and `current`.

    `member` is a path such as `profiles/INSTORE/firstName`, the other two are its values before and after, as JSON.
    Points are those that the request asked for, also where they are credited later: the update's own record says
    them. Where `after` has no record more than `before`, both are compared as they are. `before` is None for a
    customer who was not there.
    """
    recorded = () if before is None else _newer(before.audit, after.audit)
    changes = [change for entry in recorded for change in entry.changes] or _compared(before, after)
    return [_shown(change) for change in changes]


def _shown(change: Change) -> dict[str, Json]:
    """Return a change as JSON; of a member whose name is a secret's, no value."""
    record = plain(change)
    if is_secret_name(change.member.rpartition("/")[2]):
        record |= {name: HIDDEN for name in ("previous", "current") if record[name] is not None}
    return {**hide_json(record)}


def _newer(before: Sequence[AuditEntry], after: Sequence[AuditEntry]) -> Sequence[AuditEntry]:
    """Return the entries since the last one of before; a full audit has lost its first ones, so they do not count."""
    if not before:
        return after
    newer = list(takewhile(lambda entry: entry != before[-1], reversed(after)))
    return newer[::-1]


def _compared(before: Customer | None, after: Customer) -> tuple[Change, ...]:
    nobody = Customer(id=after.id, loyalty_type="", attribution=after.attribution)
    return list_changes(before or nobody, after, {item.program: item.points for item in after.enrolments})


def _stage(name: str, passage: Passage, reply: Reply | None, *, hidden: bool) -> Stage:
    if reply is not None:
        return _last(name, passage, reply)
    if name == "authenticate":
        return Stage(name=name, outcome="passed", value=_credentials(passage, hidden=hidden))
    if name == "decide":
        warned = tuple(int(item.code) for item in passage.outcome.warnings)
        return Stage(name=name, outcome="accepted", value=_decided(passage), basis=_basis_of(passage), warnings=warned)
    shown = _FOUND.get(name)
    return Stage(name=name, outcome="passed", value=None if shown is None else plain(shown(passage)))


def _last(name: str, passage: Passage, reply: Reply) -> Stage:
    return Stage(
        name=name,
        outcome=_outcome_of(name, reply),
        value=_answered(name, passage, reply),
        place=plain(reply.place),
        why=plain(reply.reason or reply.why),
        basis=reply.basis,
        status=reply.response.status,
        code=reply.code,
    )


def _outcome_of(name: str, reply: Reply) -> str:
    if reply.code is None or reply.forced:
        return "answered"
    return "rejected" if name == "decide" else "refused"


def _answered(name: str, passage: Passage, reply: Reply) -> Json:
    """Return what the last step found: all violations where the contract refused, and not only the first."""
    if reply.violation is not None:
        return _listed(_violations(name, passage, reply.violation))
    if reply.forced:
        return {"answer": "; ".join(item.name for item in reply.rests_on)}
    return {"status": reply.response.status, "code": reply.code} if name == "show" else None


def _violations(name: str, passage: Passage, first: Violation) -> tuple[Violation, ...]:
    if name == "validate body" and passage.body is not None:
        return passage.endpoint.explain_body(passage.body.value)
    is_own = any(rule.violation == first for rule in passage.operation.parameter_rules)
    if name == "validate parameters" and not is_own:
        request = passage.request
        return passage.endpoint.explain_parameters(passage.path_values, request.query, request.headers)
    return (first,)


def _listed(violations: tuple[Violation, ...]) -> Json:
    shown: dict[str, Json] = {"violations": [_violation(item) for item in violations[:MOST_VIOLATIONS]]}
    if len(violations) > MOST_VIOLATIONS:
        shown["more"] = len(violations) - MOST_VIOLATIONS
    return shown


def _violation(violation: Violation) -> Mapping[str, Json]:
    shown = {
        "place": violation.place,
        "problem": violation.problem,
        "rule": violation.rule,
        "code": int(violation.refusal or 400),
        "repair": violation.repair,
    }
    return {name: plain(value) for name, value in shown.items()}


def _credentials(passage: Passage, *, hidden: bool) -> Json:
    """Name the headers that were enough; of credentials that are hidden, those that were sent."""
    setting, headers = passage.setting, passage.request.headers
    sent = [name for name in _CREDENTIALS if name.lower() in headers]
    enough = [name for name in sent if hidden or _is_enough(setting, name.lower(), headers)]
    return {"auth": setting.auth, "credentials": enough}


def _is_enough(setting: Setting, name: str, headers: Mapping[str, str]) -> bool:
    return find_fault(setting, {name: headers[name]}) is None


def _decided(passage: Passage) -> Json:
    outcome: Granted = passage.outcome
    ignored = [str(remark) for remark in outcome.ignored]
    if isinstance(outcome, Found):
        profiles = [{"source": profile.source, "accountId": profile.account} for profile in outcome.profiles]
        return {"profiles": profiles, "ignored": plain(ignored)}
    if not isinstance(outcome, Accepted):
        return {"ignored": plain(ignored)}
    before = passage.load(outcome.customer.id)
    return {
        "changes": changes_of(before, outcome.customer) if outcome.changed else [],
        "warnings": [_warning(item) for item in outcome.warnings],
        "effects": plain(outcome.effects),
        "later": plain(outcome.later),
        "ignored": plain(ignored),
    }


def _warning(warning: Refusal) -> Mapping[str, Json]:
    return {"code": int(warning.code), "place": plain(warning.place), "why": plain(warning.why)}


def _basis_of(passage: Passage) -> str:
    outcome: Granted = passage.outcome
    catalogue = passage.setting.contract.catalogue
    warned = tuple(catalogue.warning(item.code).basis for item in outcome.warnings)
    return ground(outcome.basis, passage.setting.dialect, warned).text


def _show_route(passage: Passage) -> object:
    return {"operation": passage.endpoint.id, "path": passage.path_values}


def _show_headers(passage: Passage) -> object:
    headers = passage.request.headers
    return {"contentType": headers.get("content-type"), "accept": headers.get("accept")}


def _show_body(passage: Passage) -> object:
    if passage.body is None:
        return None
    return {"bytes": len(passage.request.body), "is": glimpse(passage.body.value)}


def _show_parameters(passage: Passage) -> object:
    return {"values": passage.parameters.values, "unknown": passage.parameters.unknown_query}


def _show_command(passage: Passage) -> object:
    return passage.command


_FOUND: Mapping[str, Callable[[Passage], object]] = {
    "route": _show_route,
    "negotiate": _show_headers,
    "read body": _show_body,
    "validate parameters": _show_parameters,
    "read command": _show_command,
}
