"""Flaws at the limits of values: they are stored, but not as they were sent."""

import html
import struct
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from mockserver.domain.customer import CommChannel, Customer, Profile
from mockserver.values import replace
from tests.flawed.asking import ASHA, LI, RAVI, channel, get, profile, put, standing
from tests.flawed.deployment import Twist
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import Sent, saving, saving_new_enrolments, saving_profiles

_NAMES = ("UPD-BODY-2", "UPD-BODY-3", "UPD-USE-2", "name-characters")
_LONG_NAMES = ("UPD-BODY-2", "UPD-BODY-3", "UPD-USE-2", "name-too-long")
_CUSTOM = ("UPD-BODY-4", "UPD-BODY-5", "UPD-BODY-6", "UPD-USE-8")
_EXTENDED = ("UPD-BODY-16", "UPD-BODY-30", "UPD-USE-6", "extended-field-wrong-type")
_CHANNELS = ("UPD-BODY-7", "UPD-BODY-9", "UPD-USE-7", "comm-channels")
_META = ("UPD-BODY-13", "channel-meta", "UPD-USE-7")
_EXPIRIES = ("UPD-BODY-24", "UPD-BODY-34", "expiry-format")
_POINTS = ("UPD-BODY-23", "UPD-RSP-6", "UPD-QRY-4", "points-missing")
_EMAIL = "asha.menon@example.com"
_MOST_CHANNELS = 4
_LONGEST_EMAIL = 64
_SMALLINT = 2**15 - 1
_MANY = [{"type": "email", "value": f"asha.{number}@example.com"} for number in range(4)]


def _renaming(change: Callable[[str], str | None]) -> Twist:
    """Store names that change otherwise than they were sent."""

    def keep(old: Profile, new: Profile) -> Profile:
        def stored(before: str | None, after: str | None) -> str | None:
            return after if after is None or after == before else change(after)

        return replace(
            new,
            first_name=stored(old.first_name, new.first_name),
            last_name=stored(old.last_name, new.last_name),
        )

    return saving_profiles(keep)


def _changing_custom(change: Callable[[str], str]) -> Twist:
    def keep(old: Profile, new: Profile) -> Profile:
        return replace(new, fields=_changed(old.fields, new.fields, change))

    return saving_profiles(keep)


def _changing_extended(change: Callable[[Any], Any]) -> Twist:
    def keep(before: Customer, after: Customer, _: Sent) -> Customer:
        return replace(after, extended_fields=_changed(before.extended_fields, after.extended_fields, change))

    return saving(keep)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    return {name: value if before.get(name) == value else change(value) for name, value in after.items()}


def _changing_new_channels(change: Callable[[CommChannel], CommChannel]) -> Twist:
    def keep(old: Profile, new: Profile) -> Profile:
        known = {(each.type, each.value) for each in old.channels}
        channels = tuple(each if (each.type, each.value) in known else change(each) for each in new.channels)
        return replace(new, channels=channels)

    return saving_profiles(keep)


def _changing_meta(change: Callable[[object], object]) -> Twist:
    def keep(old: Profile, new: Profile) -> Profile:
        held = {(each.type, each.value): each.meta for each in old.channels}

        def stored(each: CommChannel) -> CommChannel:
            return replace(each, meta=_changed(held.get((each.type, each.value), {}), each.meta, change))

        return replace(new, channels=tuple(map(stored, new.channels)))

    return saving_profiles(keep)


def _within_the_plane(name: str) -> str:
    return "".join(letter for letter in name if ord(letter) <= 0xFFFF)


def _within_bytes(name: str) -> str:
    return name.encode()[:100].decode(errors="ignore")


def _unless_null(name: str) -> str | None:
    return None if name.casefold() in ("null", "none", "nil", "n/a") else name


def _as_spreadsheet(value: str) -> str:
    return str(int(value)) if value.isascii() and value.lstrip("+-").isdigit() else value


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


def _rounded(value: object) -> object:
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return int(float(value)) if is_integer and abs(value) > 2**53 else value  # type: ignore[arg-type]


def _flat(value: object) -> object:
    return "[object Object]" if isinstance(value, dict) else value


def _capped(profile_: Profile) -> Profile:
    return replace(profile_, channels=profile_.channels[:_MOST_CHANNELS])


def _enrolled(**members: object) -> dict[str, object]:
    item = {"programId": 1016, "tierNumber": 2, "loyaltyPoints": 40, **members}
    return {"loyaltyProgramEnrollments": [item]}


def _renamed(name: str) -> tuple[Any, Any]:
    return put(ASHA, profile(firstName=name)), get(ASHA)


BOUNDARIES = (
    Flaw(
        name="astral-characters-dropped",
        says="Characters beyond the Basic Multilingual Plane are left out of names, as by MySQL's three-byte utf8.",
        names=_NAMES,
        needs="writes",
        make=deployed(_renaming(_within_the_plane)),
        shown_by=_renamed("Tom 😀"),
    ),
    Flaw(
        name="names-composed",
        says="Names are stored in the normal form NFC, and not as they were sent.",
        names=_NAMES,
        needs="writes",
        make=deployed(_renaming(lambda name: unicodedata.normalize("NFC", name))),
        shown_by=_renamed("Zoe\u0308"),
    ),
    Flaw(
        name="names-cut-at-99",
        says="A name of a hundred characters loses its last one.",
        names=_LONG_NAMES,
        needs="writes",
        make=deployed(_renaming(lambda name: name[:99])),
        shown_by=_renamed("x" * 100),
    ),
    Flaw(
        name="names-cut-at-bytes",
        says="Names are cut after a hundred bytes of UTF-8, not after a hundred characters.",
        names=_LONG_NAMES,
        needs="writes",
        make=deployed(_renaming(_within_bytes)),
        shown_by=_renamed("李" * 40),
    ),
    Flaw(
        name="names-escaped",
        says="Quotes, ampersands and angle brackets in names are stored as entities of HTML.",
        names=_NAMES,
        needs="writes",
        make=deployed(_renaming(html.escape)),
        shown_by=_renamed("O'Brien"),
    ),
    Flaw(
        name="null-is-no-name",
        says='Somebody named "Null" is stored without a name.',
        names=(*_NAMES, "null-value"),
        needs="writes",
        make=deployed(_renaming(_unless_null)),
        shown_by=_renamed("Null"),
    ),
    Flaw(
        name="names-end-at-a-line",
        says="A name ends where its first line does.",
        names=(*_NAMES, "name-whitespace"),
        needs="writes",
        make=deployed(_renaming(lambda name: name.partition("\n")[0])),
        shown_by=_renamed("Tom\nSawyer"),
    ),
    Flaw(
        name="custom-numbers-canonical",
        says="A custom field that looks like a number is stored as one: leading zeros and the plus are gone.",
        names=_CUSTOM,
        needs="writes",
        make=deployed(_changing_custom(_as_spreadsheet)),
        shown_by=(put(ASHA, profile(fields={"city": "007"})), get(ASHA)),
    ),
    Flaw(
        name="plus-of-mobile-lost",
        says="A new mobile number is stored without its plus.",
        names=(*_CHANNELS, "UPD-BODY-10"),
        needs="irreversible",
        make=deployed(_changing_new_channels(lambda each: replace(each, value=each.value.removeprefix("+")))),
        shown_by=(put(ASHA, channel("mobile", "+447700900123")), get(ASHA)),
    ),
    Flaw(
        name="new-emails-in-lower-case",
        says="A new e-mail address is stored in lower case.",
        names=_CHANNELS,
        needs="irreversible",
        make=deployed(_changing_new_channels(lambda each: replace(each, value=each.value.lower()))),
        shown_by=(put(ASHA, channel("email", "Asha.M@example.com")), get(ASHA)),
    ),
    Flaw(
        name="long-emails-cut",
        says="A new e-mail address is cut after 64 characters.",
        names=_CHANNELS,
        needs="irreversible",
        make=deployed(_changing_new_channels(lambda each: replace(each, value=each.value[:_LONGEST_EMAIL]))),
        shown_by=(put(ASHA, channel("email", f"{'a' * 60}@example.com")), get(ASHA)),
    ),
    Flaw(
        name="fifth-channel-lost",
        says="A profile keeps four channels; more are not stored, and nothing is said of it.",
        names=_CHANNELS,
        needs="irreversible",
        make=deployed(saving_profiles(lambda _, new: _capped(new))),
        shown_by=(put(ASHA, profile(commChannels=_MANY)), get(ASHA)),
    ),
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
        name="no-points-are-ten",
        says="An enrolment with 0 points credits the ten of whoever names none.",
        names=_POINTS,
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
