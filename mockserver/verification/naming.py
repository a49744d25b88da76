"""Which statement of the page a broken promise is about, told from what went wrong.

A check is about several statements; where it went wrong says which of them is broken. An update that should have been
granted and was refused is about what the code of the refusal says. A member that was sent and never once seen stored is
about that member, whatever the check is about, so that one lost member is one finding. Where nothing tells more, and
where something went wrong that the check did not touch, it is the check's first.
"""

import re
from collections.abc import Mapping, Set

from mockserver.verification.checks import Check
from mockserver.verification.expectation import Kind, Mismatch

_DOUBLED = "UPD-BODY-7"  # a channel that is there twice
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
