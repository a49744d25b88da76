"""One bug, one finding: of all that was found, the causes are listed, each with what it explains.

Nothing here sends anything, and nothing that was found is lost: what a cause explains stays with it.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from mockserver.values import replace
from mockserver.verification.causes import OF_MEMBERS, Cause, causes_of
from mockserver.verification.expectation import Kind
from mockserver.verification.features import Features, members_in
from mockserver.verification.findings import Finding, Grade, Key
from mockserver.verification.naming import statement_of_cause
from mockserver.verification.symptoms import (
    OF_STATE,
    WHOLE,
    Case,
    Evidence,
    Size,
    Subject,
    case_of,
    item_of,
    rank_of,
    subject_of,
)

_GRADES = {grade: position for position, grade in enumerate(Grade)}
_UNSTORED = frozenset({Kind.KEPT, Kind.UNWARNED, Kind.WARNED, Kind.ANSWER, Kind.STATUS, Kind.CODE, Kind.UNRESTORED})
_MISREAD = frozenset({Kind.ANSWER, Kind.UNWARNED, Kind.WARNED, Kind.CODE, Kind.STATUS, Kind.REFUSED, Kind.GRANTED})
# What follows from a cause where a request has all that brings it about.
_FOLLOWS: Mapping[Kind, frozenset[Kind]] = {
    Kind.FAILURE: _UNSTORED | {Kind.REFUSED, Kind.FAILURE},
    Kind.REFUSED: _UNSTORED | {Kind.REFUSED},
    Kind.CODE: frozenset({Kind.STATUS, Kind.ANSWER, Kind.CODE}),
    Kind.GRANTED: frozenset({Kind.GRANTED, Kind.STATUS, Kind.ANSWER, Kind.TOUCHED, Kind.CODE}),
    Kind.STATUS: frozenset({Kind.STATUS}),
    Kind.UNWARNED: frozenset({Kind.ANSWER}),
    Kind.WARNED: frozenset({Kind.ANSWER}),
    Kind.ANSWER: frozenset({Kind.UNRESTORED}),
}
# What follows from a target that does not store, or does not show what it stores, whatever is sent.
_AFTERMATH = frozenset({*OF_STATE, Kind.ANSWER, Kind.UNRESTORED, Kind.WARNED, Kind.UNWARNED}) - {Kind.LOST}
_HTTP = range(600)  # codes that are the status, and say no more than that the request is wrong
_LEAVES_BEHIND = frozenset({Kind.OTHERS, Kind.GRANTED, Kind.FAILURE, Kind.UNWARNED})
_READ = frozenset({"profiles", "extendedFields", "loyaltyType", "data"})  # where a read shows what is stored


def diagnose(sightings: Iterable[Finding], evidence: Collection[Evidence]) -> tuple[Finding, ...]:
    """Return one finding for each cause, the one that explains most first; `evidence` is what held."""
    causes = sorted(causes_of(map(case_of, sightings), evidence), key=_precedence)
    listed: list[tuple[Cause, list[Case]]] = []
    for cause in causes:
        own = tuple(case for case in cause.cases if not _is_explained(case, listed))
        listed += [(replace(cause, cases=own), [])] if own else []
    return tuple(sorted(_each_once(_told(cause, rest) for cause, rest in listed), key=_gravity))


def _is_explained(case: Case, listed: Sequence[tuple[Cause, list[Case]]]) -> bool:
    """Tell whether one of the causes that are listed explains a case; it takes it then."""
    rest = next((rest for cause, rest in listed if not cause.question and _follows(cause, case)), None)
    if rest is not None:
        rest.append(case)
    return rest is not None


def _precedence(cause: Cause) -> tuple[bool, bool, float, int, Size]:
    """Order causes so that those that may explain others come first."""
    rank = rank_of(cause.smallest.main)
    return bool(cause.question), not cause.is_general, rank, -len(cause.cases), cause.smallest.size


def _follows(cause: Cause, case: Case) -> bool:
    """Tell whether a case follows from a cause."""
    kind = case.main.kind
    if cause.is_general and kind in _AFTERMATH:
        return True
    if cause.kind is Kind.UNSTEADY and kind in _AFTERMATH and case.main.subject in cause.subjects:
        return True
    if case.finding.question and not _is_alike(cause, case):
        return False
    if _is_alike(cause, case) and cause.scope <= case.reach:
        return True
    if _is_left(cause, case):
        return True
    if kind in _FOLLOWS.get(cause.kind, ()) and _is_about_same(cause, case):
        return cause.scope <= case.reach or _is_same_refusal(cause, case)
    if cause.kind is Kind.FORM:
        return _is_misread(cause, case)
    return cause.kind in OF_STATE and _is_shown(cause, case)


def _is_alike(cause: Cause, case: Case) -> bool:
    """Tell whether the same is wrong, or the same member of a state."""
    is_one_way = case.main.kind is cause.kind or {case.main.kind, cause.kind} <= OF_MEMBERS
    return is_one_way and case.main.subject in cause.subjects and case.main.code == _code_of(cause)


def _is_about_same(cause: Cause, case: Case) -> bool:
    """A refusal with one code does not explain one with another."""
    is_refused = case.main.kind in (Kind.REFUSED, Kind.CODE) and cause.kind in (Kind.REFUSED, Kind.CODE)
    return not is_refused or case.main.code == _code_of(cause)


def _is_same_refusal(cause: Cause, case: Case) -> bool:
    """Tell whether the cause's code, which says exactly what is wrong, came instead of another one that was due."""
    is_exact = (_code_of(cause) or 0) not in _HTTP
    return is_exact and case.main.kind is Kind.CODE and cause.kind in (Kind.REFUSED, Kind.CODE)


def _code_of(cause: Cause) -> int | None:
    return cause.smallest.main.code


def _is_misread(cause: Cause, case: Case) -> bool:
    """Tell whether answers that cannot be read make others look wrong: as a whole, or at the same member."""
    is_whole = bool(cause.subjects & WHOLE)
    is_near = bool(case.main.subject) and case.main.subject[0] in cause.parents
    if case.main.kind is Kind.FORM:
        return is_near
    return cause.scope <= case.reach and case.main.kind in _MISREAD and (is_whole or is_near)


def _is_shown(cause: Cause, case: Case) -> bool:
    """Tell whether a read, or the restoration, shows what a cause made of a member that was sent."""
    sent = _sent_in(case.reach)
    is_sent = bool(cause.subjects & sent) or bool(cause.parents & {subject[0] for subject in sent})
    if case.main.kind is Kind.UNRESTORED:
        return bool(cause.parents & {subject_of(one.place)[0] for one in case.finding.wrong})
    if case.main.kind is Kind.UNWARNED:  # of what is not looked at nothing is said either
        return cause.kind is Kind.KEPT and is_sent
    is_read = case.main.kind in (Kind.ANSWER, Kind.FORM) and case.main.subject[:1] != ()
    return is_read and is_sent and case.main.subject[0] in _READ | cause.parents


def _is_left(cause: Cause, case: Case) -> bool:
    """Tell whether a later check, which sent nothing of the kind, found what a cause had left in a state."""
    if case.main.kind is not Kind.TOUCHED or cause.kind not in _LEAVES_BEHIND:
        return False
    if cause.kind is Kind.OTHERS:
        return case.main.subject not in _sent_in(case.features) or not _is_sent(case.finding.wrong[0].value, case)
    item = item_of(case.finding.wrong[0].place)
    return bool(item) and not _is_sent(item, case) and any(_is_sent(item, one) for one in cause.cases)


def _is_sent(value: object, case: Case) -> bool:
    """Tell whether a value stands in one of the bodies that a case sent."""
    text = json.dumps(value).encode()
    return any(text in step.request.body for step in case.finding.steps)


def _sent_in(features: Features) -> frozenset[Subject]:
    return frozenset(subject_of(place.replace("/*", "")) for place in members_in(features))


def _told(cause: Cause, rest: Sequence[Case]) -> Finding:
    """Return the finding that tells a cause: its smallest example, under the statement that it is about."""
    statement = "" if cause.question else statement_of_cause(cause)
    fitting = [case for case in cause.cases if case.finding.statement == statement] or [*cause.cases]
    chosen = min(
        fitting, key=lambda case: (_GRADES[case.finding.grade], -case.finding.seen / case.finding.tries, case.size)
    )
    finding = chosen.finding
    others = [case.finding for case in (*cause.cases, *rest) if case is not chosen]
    named = replace(finding, grade=cause.grade, statement=statement or finding.statement)
    renamed = [] if named.key == finding.key else [finding]
    return replace(
        named,
        seen=sum(case.finding.seen for case in cause.cases),
        tries=sum(case.finding.tries for case in cause.cases),
        also=_who(finding, others),
        explains=tuple(_by_key([*renamed, *others]).values()),
    )


def _who(finding: Finding, others: Iterable[Finding]) -> tuple[str, ...]:
    names = [f"{one.phase}/{one.check}" for one in others]
    return tuple(name for name in dict.fromkeys(names) if name != f"{finding.phase}/{finding.check}")


def _by_key(findings: Iterable[Finding]) -> dict[Key, Finding]:
    """Return findings, the same one once."""
    found: dict[Key, Finding] = {}
    for finding in findings:
        found[finding.key] = found[finding.key].merged(finding) if finding.key in found else finding
    return found


def _each_once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Give findings, those of one key as one: they are told under one name."""
    by_key: dict[Key, Finding] = {}
    for finding in findings:
        known = by_key.get(finding.key)
        by_key[finding.key] = finding if known is None else _with(known, finding)
    yield from by_key.values()


def _with(known: Finding, other: Finding) -> Finding:
    merged = known.merged(other)
    return replace(
        merged,
        also=tuple(dict.fromkeys((*merged.also, *_who(known, [other]), *other.also))),
        explains=(*known.explains, replace(other, explains=(), also=()), *other.explains),
    )


def _gravity(finding: Finding) -> tuple[bool, int, int, bool, str, str]:
    """Order findings: those that count first, of them the one that explains most; those without a statement last."""
    is_unnamed = not finding.statement
    return (
        not finding.counts,
        -len(finding.also),
        _GRADES[finding.grade],
        is_unnamed,
        finding.statement,
        finding.question,
    )
