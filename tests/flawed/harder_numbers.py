"""Flaws at the limits of numbers and dates, and of what a channel says of itself."""

import struct
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from mockserver.domain.customer import CommChannel, Customer, Profile
from mockserver.values import replace
from tests.flawed.asking import ASHA, LI, RAVI, channel, get, put, standing
from tests.flawed.deployment import Twist
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import Sent, changed_values, saving, saving_new_enrolments, saving_profiles

_EXTENDED = ("UPD-BODY-16", "UPD-BODY-30", "UPD-USE-6", "extended-field-wrong-type")
_META = ("UPD-BODY-13", "channel-meta", "UPD-USE-7")
_EXPIRIES = ("UPD-BODY-24", "UPD-BODY-34", "expiry-format")
_POINTS = ("UPD-BODY-23", "UPD-RSP-6", "UPD-QRY-4", "points-missing")
_EMAIL = "asha.menon@example.com"
_SMALLINT = 2**15 - 1


def _changing_extended(change: Callable[[Any], Any]) -> Twist:
    def keep(before: Customer, after: Customer, _: Sent) -> Customer:
        return replace(after, extended_fields=changed_values(before.extended_fields, after.extended_fields, change))

    return saving(keep)


def _changing_meta(change: Callable[[object], object]) -> Twist:
    def keep(old: Profile, new: Profile) -> Profile:
        held = {(each.type, each.value): each.meta for each in old.channels}

        def stored(each: CommChannel) -> CommChannel:
            return replace(each, meta=changed_values(held.get((each.type, each.value), {}), each.meta, change))

        return replace(new, channels=tuple(map(stored, new.channels)))

    return saving_profiles(keep)


def _in_32_bits(value: Any) -> Any:
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return (value + 2**31) % 2**32 - 2**31 if is_integer else value


def _unsigned(value: Any) -> Any:
    return abs(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _in_single_precision(value: Any) -> Any:
    is_small = isinstance(value, float) and abs(value) < 1e38
    return struct.unpack("f", struct.pack("f", value))[0] if is_small else value


def _without_leap_day(value: Any) -> Any:
    is_leap_day = isinstance(value, str) and value[4:10] == "-02-29"
    return f"{date.fromisoformat(value[:10]) + timedelta(1)}{value[10:]}" if is_leap_day else value


def _without_part_of_hour(expiry: str | None) -> str | None:
    has_offset = expiry is not None and expiry[-6:-5] in ("+", "-")
    return f"{expiry[:-2]}00" if expiry is not None and has_offset else expiry


def _east_of_greenwich(expiry: str | None) -> str | None:
    is_west = expiry is not None and expiry[-6:-5] == "-"
    return f"{expiry[:-6]}+{expiry[-5:]}" if expiry is not None and is_west else expiry


def _within_32_bits(expiry: str | None) -> str | None:
    return expiry if expiry is None or expiry < "2038" else None


def _in_float(points: int) -> int:
    return int(struct.unpack("f", struct.pack("f", points))[0])


def _without_false(old: Profile, new: Profile) -> Profile:
    held = {(each.type, each.value): each.meta for each in old.channels}

    def stored(each: CommChannel) -> CommChannel:
        known = held.get((each.type, each.value), {})
        return replace(each, meta={key: said for key, said in each.meta.items() if key in known or said is not False})

    return replace(new, channels=tuple(map(stored, new.channels)))


def _rounded(value: object) -> object:
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return int(float(value)) if is_integer and abs(value) > 2**53 else value  # type: ignore[arg-type]


def _flat(value: object) -> object:
    return "[object Object]" if isinstance(value, dict) else value


def _enrolled(**members: object) -> dict[str, object]:
    item = {"programId": 1016, "tierNumber": 2, "loyaltyPoints": 40, **members}
    return {"loyaltyProgramEnrollments": [item]}


NUMBERS = (
    Flaw(
        name="integers-in-32-bits",
        says="Extended fields of the type INTEGER wrap round at 2^31.",
        names=_EXTENDED,
        needs="writes",
        make=deployed(_changing_extended(_in_32_bits)),
        shown_by=(put(RAVI, {"extendedFields": {"kids": 2**31}}), get(RAVI)),
    ),
    Flaw(
        name="numbers-without-sign",
        says="Negative numbers in extended fields are stored without their sign.",
        names=_EXTENDED,
        needs="writes",
        make=deployed(_changing_extended(_unsigned)),
        shown_by=(put(RAVI, {"extendedFields": {"kids": -1}}), get(RAVI)),
    ),
    Flaw(
        name="doubles-in-single-precision",
        says="Extended fields of the type DOUBLE are stored in single precision.",
        names=_EXTENDED,
        needs="irreversible",
        make=deployed(_changing_extended(_in_single_precision)),
        shown_by=(put(RAVI, {"extendedFields": {"height": 181.1}}), get(RAVI)),
    ),
    Flaw(
        name="leap-day-moved",
        says="The 29th of February in an extended field is stored as the 1st of March.",
        names=_EXTENDED,
        needs="writes",
        make=deployed(_changing_extended(_without_leap_day)),
        shown_by=(put(RAVI, {"extendedFields": {"dob": "2000-02-29"}}), get(RAVI)),
    ),
    Flaw(
        name="offsets-in-full-hours",
        says="The expiry of a tier loses the minutes of its offset, and so is at another instant.",
        names=_EXPIRIES,
        needs="irreversible",
        make=deployed(
            saving_new_enrolments(lambda held: replace(held, tier_expiry=_without_part_of_hour(held.tier_expiry)))
        ),
        shown_by=(put(RAVI, _enrolled(tierExpiryDate="2030-07-11T16:36:17+05:45")), standing(RAVI)),
    ),
    Flaw(
        name="offsets-east-only",
        says="The expiry of a tier with an offset west of Greenwich is stored with one east of it.",
        names=_EXPIRIES,
        needs="irreversible",
        make=deployed(
            saving_new_enrolments(lambda held: replace(held, tier_expiry=_east_of_greenwich(held.tier_expiry)))
        ),
        shown_by=(put(RAVI, _enrolled(tierExpiryDate="2030-07-11T16:36:17-03:00")), standing(RAVI)),
    ),
    Flaw(
        name="points-in-16-bits",
        says="No enrolment credits more than 32,767 points, though the answer lists them all.",
        names=_POINTS,
        needs="irreversible",
        make=deployed(saving_new_enrolments(lambda held: replace(held, points=min(held.points, _SMALLINT)))),
        shown_by=(put(RAVI, _enrolled(loyaltyPoints=40000)), standing(RAVI)),
    ),
    Flaw(
        name="points-in-single-precision",
        says="The points of an enrolment are stored in single precision.",
        names=_POINTS,
        needs="irreversible",
        make=deployed(saving_new_enrolments(lambda held: replace(held, points=_in_float(held.points)))),
        shown_by=(put(RAVI, _enrolled(loyaltyPoints=2**24 + 1)), standing(RAVI)),
    ),
    Flaw(
        name="expiries-in-32-bits",
        says="The expiry of a tier is lost where it is beyond 2038.",
        names=_EXPIRIES,
        needs="irreversible",
        make=deployed(saving_new_enrolments(lambda held: replace(held, tier_expiry=_within_32_bits(held.tier_expiry)))),
        shown_by=(put(RAVI, _enrolled(tierExpiryDate="2041-07-11T16:36:17+05:30")), standing(RAVI)),
    ),
    Flaw(
        name="meta-false-lost",
        says="A new member of a channel's meta is not stored where it is false.",
        names=_META,
        needs="irreversible",
        make=deployed(saving_profiles(_without_false)),
        shown_by=(put(ASHA, channel("email", _EMAIL, meta={"away": False})), get(ASHA)),
    ),
    Flaw(
        name="no-points-are-ten",
        says="An enrolment with 0 points credits the ten of whoever names none.",
        names=(*_POINTS, "UPD-BODY-19", "UPD-EX-9"),
        needs="irreversible",
        make=deployed(saving_new_enrolments(lambda held: replace(held, points=held.points or 10))),
        shown_by=(put(LI, _enrolled(loyaltyPoints=0), "source=WECHAT&accountId=1234"), standing(LI)),
    ),
    Flaw(
        name="meta-of-one-level",
        says="An object within the meta of a channel is stored as the text [object Object].",
        names=_META,
        needs="writes",
        make=deployed(_changing_meta(_flat)),
        shown_by=(put(ASHA, channel("email", _EMAIL, meta={"desk": {"floor": 2}})), get(ASHA)),
    ),
    Flaw(
        name="meta-numbers-rounded",
        says="Numbers beyond 2^53 in the meta of a channel are rounded, as by JavaScript.",
        names=_META,
        needs="irreversible",
        make=deployed(_changing_meta(_rounded)),
        shown_by=(put(ASHA, channel("email", _EMAIL, meta={"badge": 2**53 + 1})), get(ASHA)),
    ),
)
