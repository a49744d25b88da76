"""Which statement of the page a broken promise is about, told from what went wrong.

A check is about several statements; where it went wrong says which of them is broken. An update that should have been
granted and was refused is about what the code of the refusal says. A member that was sent and never once seen stored is
about that member, whatever the check is about, so that one lost member is one finding. Where nothing tells more, and
where something went wrong that the check did not touch, it is the check's first.
"""

import re
from collections.abc import Mapping, Set

from mockserver.verification.causes import Cause
from mockserver.verification.checks import Check
from mockserver.verification.expectation import Kind, Mismatch
from mockserver.verification.features import NOTHING, members_in
from mockserver.verification.symptoms import ON_THE_WIRE, WHOLE, Subject, subject_of

_DOUBLED = "UPD-BODY-7"  # a channel that is there twice
_ASYNC = "query/use_async=true"
_EFFECTS = "UPD-RSP-3"
_BACKGROUND = "UPD-QRY-3"  # by which no effects are returned
_BY_PLACE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), statement)
    for pattern, statement in (
        (r" again(/|$)", "UPD-BODY-7"),
        (r"^state/profiles/[^/]+/identifiers/", "UPD-LIM-1"),
        (r"^state/profiles/[^/]+/firstName$", "UPD-BODY-2"),
        (r"^state/profiles/[^/]+/lastName$", "UPD-BODY-3"),
        (r"^state/profiles/[^/]+/fields/", "UPD-BODY-4"),
        (r"^state/profiles/.*/meta/", "UPD-BODY-13"),
        (r"^state/profiles/.*/primary$", "UPD-BODY-11"),
        (r"^state/profiles/.*/verified$", "UPD-BODY-12"),
        (r"^state/profiles/", "UPD-LIM-2"),
        (r"^state/extendedFields/", "UPD-USE-6"),
        (r"^state/loyaltyType$", "UPD-USE-3"),
        (r"^state/programs/.*/tierExpiryDate$", "UPD-BODY-24"),
        (r"^state/programs/.*/points$", "UPD-BODY-23"),
        (r"^state/programs/.*/tier$", "UPD-BODY-22"),
        (r"^body/loyaltyInfo/loyaltyType", "UPD-BODY-15"),
        (r"^body/sideEffects", "UPD-RSP-3"),
        (r"^body/warnings", "UPD-RSP-2"),
        (r"^body/createdId", "UPD-RSP-1"),
    )
)
_BY_CODE: Mapping[str, str] = {
    "401": "UPD-EX-4",
    "3217": "UPD-ERR-2",
    "8003": "UPD-QRY-1",
    "8010": "UPD-BODY-8",
    "8015": "UPD-ERR-1",
    "8018": "UPD-LIM-3",
    "8045": "UPD-QRY-6",
}


def statement_of(
    check: Check, wrong: tuple[Mismatch, ...], *, code: int | None, should_be_granted: bool, stored: Set[str]
) -> str:
    """Return the statement that a failed check's mismatches are about.

    `code` is that of the refusal that came; `stored` are the statements whose member was seen stored in this run.
    """
    first = next(iter(check.statements), "")
    if not should_be_granted or not wrong:
        return first
    if code is not None:
        return _BY_CODE.get(str(code), first)
    named = statement_at_place(wrong[0].place)
    if (first, named) == (_BACKGROUND, _EFFECTS):
        return first
    is_doubled = named == _DOUBLED
    is_shown = wrong[0].place.startswith("body/") and named
    is_lost = wrong[0].kind is Kind.KEPT and named and named not in stored
    is_touched = named in check.statements and wrong[0].kind is not Kind.TOUCHED
    return named if is_doubled or is_shown or is_lost or is_touched else first


def statement_at_place(place: str) -> str:
    """Return the statement that a place of an answer or a state is about, empty where none is known."""
    return next((statement for pattern, statement in _BY_PLACE if pattern.search(place)), "")


def statement_of_cause(cause: Cause) -> str:
    """Return the statement that a cause is about: what all its cases name, else what the symptom is about.

    A refusal is about its code, or the one member that all its requests have; a state about the member that is wrong;
    and what is wrong with whatever is sent is about updating as such.
    """
    named = {case.finding.statement for case in cause.cases if case.finding.statement}
    main = cause.smallest.main
    if main.kind is Kind.FORM and main.subject in WHOLE and main.subject[0] not in ON_THE_WIRE:
        return _WHOLE_ANSWERS[main.answer]
    if (
        main.kind is Kind.ANSWER
        and main.subject == ("sideEffects",)
        and all(_ASYNC in case.reach for case in cause.cases)
    ):
        return _BACKGROUND  # none are promised there
    if len(named) == 1 and not cause.is_general:
        return next(iter(named))
    if main.elsewhere:
        has_account = all(any(one.startswith("accountId=") for one in case.features) for case in cause.cases)
        return "UPD-QRY-2" if has_account else "UPD-QRY-1"
    is_background = _ASYNC in cause.common and (cause.is_general or _BACKGROUND in named)
    return _BACKGROUND if is_background else _of_symptom(cause) or cause.smallest.finding.statement


def _of_symptom(cause: Cause) -> str:
    """Return the statement that a symptom is about, empty where the check that met it knows best."""
    main = cause.smallest.main
    if cause.is_general:
        return "" if main.kind is Kind.UNSTEADY else "UPD-USE-1"
    match main.kind:
        case Kind.OTHERS:
            return "UPD-PATH-1"
        case Kind.FORM | Kind.STATUS:  # of a member that no update is about it is the answer's
            return _of_subject(main.subject) or _WHOLE_ANSWERS[main.answer]
        case Kind.KEPT | Kind.OTHERWISE:
            return _of_subject(main.subject)
        case Kind.TOUCHED:  # whatever is sent, it is about what changes
            return "" if members_in(cause.scope) else _of_subject(main.subject)
        case Kind.UNWARNED | Kind.WARNED:
            return _BY_WARNING.get(main.code or 0, "")
        case _:
            return _of_refusal(cause)


def _of_refusal(cause: Cause) -> str:
    """Return the statement about a code that came, or was due; else about what all the requests have."""
    due = {code for case in cause.cases for step in case.finding.steps[-1:] for code in step.expect.codes}
    codes = [*due] if cause.kind is not Kind.REFUSED and len(due) == 1 else [cause.smallest.main.code]
    nothing = "UPD-USE-1" if NOTHING in cause.common or cause.is_fickle else ""
    return _BY_CODE.get(str(codes[0]), "") or nothing or _of_members(cause)


def _of_members(cause: Cause) -> str:
    """Return the statement of the one member that all requests of a cause have, none where there are several."""
    own = {_of_subject(subject_of(place.replace("/*", ""))) for place in members_in(cause.scope)}
    return next(iter(own)) if len(own) == 1 else ""


def _of_subject(subject: Subject) -> str:
    """Return the statement about a class of members, or about the one that it belongs to."""
    lengths = range(len(subject), 0, -1)
    return next((_BY_SUBJECT[subject[:length]] for length in lengths if subject[:length] in _BY_SUBJECT), "")


_BY_WARNING: Mapping[int, str] = {
    1017: "UPD-BODY-4",
    8057: "UPD-BODY-9",
    8058: "UPD-BODY-9",
    91006: "UPD-BODY-21",
    91015: "UPD-BODY-16",
}
_WHOLE_ANSWERS: Mapping[str, str] = {"refusal": "UPD-ERR-1", "grant": "UPD-RSP-1", "read": "UPD-PRE-1"}
_BY_SUBJECT: Mapping[Subject, str] = {
    ("names", "firstName"): "UPD-BODY-2",
    ("names", "lastName"): "UPD-BODY-3",
    ("fields",): "UPD-BODY-4",
    ("channels",): "UPD-BODY-7",
    ("channels", "primary"): "UPD-BODY-11",
    ("channels", "verified"): "UPD-BODY-12",
    ("channels", "meta"): "UPD-BODY-13",
    ("identifiers",): "UPD-LIM-1",
    ("profiles",): "UPD-LIM-2",
    ("extendedFields",): "UPD-USE-6",
    ("loyaltyType",): "UPD-USE-3",
    ("programs",): "UPD-BODY-19",
    ("programs", "tier"): "UPD-BODY-22",
    ("programs", "points"): "UPD-BODY-23",
    ("programs", "tierExpiryDate"): "UPD-BODY-24",
    ("loyaltyProgramEnrollments",): "UPD-BODY-19",
    ("loyaltyProgramEnrollments", "tierNumber"): "UPD-BODY-22",
    ("loyaltyProgramEnrollments", "loyaltyPoints"): "UPD-BODY-23",
    ("loyaltyProgramEnrollments", "tierExpiryDate"): "UPD-BODY-24",
    ("createdId",): "UPD-RSP-1",
    ("warnings",): "UPD-RSP-2",
    ("sideEffects",): "UPD-RSP-3",
}
