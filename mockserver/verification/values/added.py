"""Values at their limits that no update takes back: fields and members that were not there, new channels, enrolments.

Each is sent once, and as many in one body as can be told apart. What is made up reaches nobody.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from mockserver.domain.organisation import Program
from mockserver.verification.checks import Check, Foretelling, Foretold, Plan, Situation, Unfit
from mockserver.verification.statements.asking import LOYALTY, all_held, put
from mockserver.verification.target import Leave, Place
from mockserver.verification.values import texts, typed
from mockserver.verification.values.packing import pack, rounds
from mockserver.verification.values.pieces import Piece, update_of
from mockserver.verification.values.subjects import Subject, subjects
from mockserver.verification.writing import Member

_RESERVED = "@example.com"  # RFC 2606 §3; where addresses are made up elsewhere, only as they are asked for
_FICTIONAL, _LONGEST_NUMBER = "447700900", 15  # Ofcom's range for fiction; digits by E.164 §6
_LONGEST_LOCAL, _LONGEST_LABEL, _LONGEST_ADDRESS = 64, 63, 254  # characters; RFC 5321 §4.5.3.1, RFC 1035 §2.3.4
_TOKENS = ("wechat", "line", "ios", "android", "mobilePush")
_MOST_POINTS = 2**31 - 1  # by the contract
_TRIED = 8  # values of a field that was not there; one that is held gets them all
_PAIRS = 2  # enrolments that a check uses up
_TIERS: Mapping[str, int] = {"lowest": 0, "highest": -1, "middle": 1}
_META: Mapping[str, Any] = {
    "note": "ليلى 😀",
    "code": "007",
    "flat": " 4 b ",
    "floor": 3,
    "share": 0.1,
    "exact": 2**53 + 1,
    "long": 1234567.891,
    "checked": True,
    "away": False,
    "zero": 0,
    "way": {"street": {"door": 4, "gates": ["a", 1, False]}},
    "days": ["mon", "tue"],
    "none": "",
}
_FULL = Unfit("the customers have all extended fields of the organisation")
_USED_UP = Unfit("no named customer is outside a program of the organisation")
Item = Mapping[str, Any]
_AT_LIMITS: tuple[Item, ...] = (
    {
        "tier": "highest",
        "loyaltyPoints": _MOST_POINTS,
        "tierExpiryDate": "2032-02-29T00:00:00+14:00",
        "pointsExpiryDate": "2036-12-31T23:59:59Z",
    },
    {
        "tier": "middle",
        "loyaltyPoints": 1,
        "tierExpiryDate": "2031-12-31T23:59:59-12:00",
        "pointsExpiryDate": "2031-07-11T16:36:17-03:30",
    },
)
_WITH_OFFSETS: tuple[Item, ...] = (
    {"tier": "middle", "loyaltyPoints": 100_000, "tierExpiryDate": "2031-07-11T16:36:17 +0530"},
    {"tier": "highest", "loyaltyPoints": 65_536, "tierExpiryDate": "2031-07-11T16:36:17.123Z"},
)
_LEAST: tuple[Item, ...] = (
    {"tier": "lowest", "loyaltyPoints": 0, "tierExpiryDate": "9999-12-31T00:00:00Z"},
    {"tier": "highest", "loyaltyPoints": 999, "tierExpiryDate": None},
)


def _extended(situation: Situation) -> Plan:
    """Fill the extended fields that a customer does not have yet, and then those of another one."""
    asked: list[Foretold] = []
    tried: set[str] = set()
    for subject in subjects(situation):
        fields = [field for field in subject.without() if field.name not in tried and typed.typed(field)]
        tried |= {field.name for field in fields}
        asked += rounds(
            subject.place, {("extendedFields", field.name): typed.typed(field)[:_TRIED] for field in fields}
        )
    return Foretelling(tuple(asked)) if asked else _FULL


def _custom(situation: Situation) -> Plan:
    """Write to all custom fields of the organisation at once."""
    subject = subjects(situation)[0]
    pool = (*texts.SCRIPTS[:4], *texts.SIGNS[:2], *texts.LOOKALIKES[:2], texts.filled(situation.word, 255))
    pools: dict[Member, Sequence[Any]] = {
        ("fields", name): pool for name in sorted(situation.organisation.custom_fields)
    }
    asked = tuple(rounds(subject.place, pools))
    return Foretelling(asked) if asked else Unfit("the organisation has no custom fields")


def _channels(situation: Situation) -> Plan:
    """Add channels of every type and form in one body, and then send all of them again."""
    email, mobile = situation.make_up("email"), situation.make_up("mobile")
    if email is None or mobile is None:
        return all_held("email" if email is None else "mobile")
    channels = list(_new_channels(situation.word, email, mobile))
    place, flags = subjects(situation)[0].place, {"primary": False, "verified": "true"}
    again = [{**channel, **flags, "meta": {"residence": "true"}} for channel in channels]
    return Foretelling((_of_channels(place, channels), _of_channels(place, again)))


def _of_channels(place: Place, channels: Sequence[Mapping[str, Any]]) -> Foretold:
    return update_of(place, [Piece(profile={"commChannels": [channel]}) for channel in channels])


def _new_channels(word: str, email: str, mobile: str) -> Iterator[dict[str, Any]]:
    yield from ({"type": "email", "value": value} for value in _addresses(word, email))
    yield from ({"type": "mobile", "value": value} for value in _numbers(mobile))
    yield from ({"type": kind, "value": f"{word}-{kind}"} for kind in _TOKENS)
    yield {"type": "ios", "value": texts.filled(word, 255)}
    yield {"type": "android", "value": f"{word}:APA91b/+=_-😀"}
    yield {"type": "line", "value": f" {word} "}


def _numbers(mobile: str) -> Iterator[str]:
    yield mobile
    if mobile.startswith(_FICTIONAL):
        yield from (f"+{mobile}", f"00{mobile}", mobile.ljust(_LONGEST_NUMBER, "0"))


def _addresses(word: str, email: str) -> Iterator[str]:
    yield email
    if not email.endswith(_RESERVED):
        return
    longest = "x" * (_LONGEST_LOCAL - len(word)) + word
    yield from (f"{word}+tag{_RESERVED}", f"{word}.o'neil_{_RESERVED}", f"{word.title()}@Example.COM")
    yield from (f"{word}@mail.de.example.com", f"ü{word}{_RESERVED}", f"{longest}{_RESERVED}")
    label = "y" * (_LONGEST_LABEL - 1) + "."
    rest = _LONGEST_ADDRESS - len(longest) - len(_RESERVED) - 2 * len(label) - 1
    yield f"{longest}@{label}{label}{'z' * rest}.example.com"


def _meta(situation: Situation) -> Plan:
    """Put members of any type into a channel's meta."""
    for subject in subjects(situation):
        for kind, value in subject.channels[:1]:
            where = ("commChannels", kind, value, "meta")
            return Foretelling((pack(subject.place, [((*where, name), sent) for name, sent in _META.items()]),))
    return Unfit("no named customer has a channel")


def _enrolments(*items: Item) -> Callable[[Situation], Plan]:
    """Enrol customers, each with other values; those first of whom the points are foreseeable."""

    def plan(situation: Situation) -> Plan:
        free = list(islice(_free(situation), _PAIRS))
        asked = [_enrolled(subject, program, item) for (subject, program), item in zip(free, items, strict=False)]
        return Foretelling(tuple(asked)) if asked else _USED_UP

    return plan


def _free(situation: Situation) -> Iterator[tuple[Subject, Program]]:
    customers = {subject.place.customer: subject for subject in subjects(situation) if subject.state.has_programs}
    for subject in sorted(customers.values(), key=lambda each: each.state.flat.get("loyaltyType") != LOYALTY):
        for program in situation.organisation.programs.values():
            if f"programs/{program.id}/tier" not in subject.state.flat:
                yield subject, program


def _enrolled(subject: Subject, program: Program, item: Item) -> Foretold:
    at = min(_TIERS[item["tier"]], len(program.tiers) - 1)
    values = {name: value for name, value in item.items() if name != "tier" and value is not None}
    sent = {"programId": program.id, "tierNumber": program.tiers[at].number, **values}
    query = f"{subject.place.query}&use_async=false"
    request = put(subject.place, {"loyaltyProgramEnrollments": [sent]}, query=query)
    return Foretold(request=request, looks_at_programs=True)


def _check(
    name: str, law: str, plan: Callable[[Situation], Plan], statements: tuple[str, ...], *questions: str
) -> Check:
    return Check(
        id=name,
        law=law,
        plan=plan,
        statements=statements,
        questions=questions,
        leave=Leave.IRREVERSIBLE,
        looks_at_programs=name.startswith("enrolment"),
    )


_ENROLMENT = ("UPD-BODY-19", "UPD-BODY-22", "UPD-BODY-23", "UPD-BODY-24", "UPD-BODY-25", "UPD-RSP-6")

CHECKS = (
    _check(
        "new-extended-values",
        "An extended field that the customer did not have is added, with the value that was sent",
        _extended,
        ("UPD-BODY-16", "UPD-USE-6", "UPD-BODY-30"),
        "extended-fields",
    ),
    _check(
        "new-custom-fields",
        "Custom fields that the customer did not have are added, with the texts that were sent",
        _custom,
        ("UPD-BODY-4", "UPD-USE-8"),
        "custom-fields",
    ),
    _check(
        "new-channels-of-any-form",
        "Channels of any type and form are added in one update, and each is updated by the next",
        _channels,
        ("UPD-BODY-7", "UPD-BODY-9", "UPD-USE-7"),
        "comm-channels",
        "dual-eligibility",
    ),
    _check(
        "meta-of-any-members",
        "Members of a channel's meta are kept as they are sent",
        _meta,
        ("UPD-BODY-13",),
        "channel-meta",
    ),
    _check(
        "enrolment-at-limits",
        "An enrolment has the tier, the points and the expiry that were sent, at their limits",
        _enrolments(*_AT_LIMITS),
        _ENROLMENT,
        "enrolment-points-effect",
    ),
    _check(
        "enrolment-with-any-offset",
        "An expiry may be sent with its offset in any published form",
        _enrolments(*_WITH_OFFSETS),
        ("UPD-BODY-24", *_ENROLMENT),
        "expiry-format",
    ),
    _check(
        "enrolment-of-least",
        "An enrolment may have no points, and no expiry",
        _enrolments(*_LEAST),
        _ENROLMENT,
        "points-missing",
    ),
)
