"""Flaws at the limits of texts: they are stored, but not as they were sent."""

import html
import unicodedata
from collections.abc import Callable
from typing import Any

from mockserver.domain.customer import CommChannel, Profile
from mockserver.values import replace
from tests.flawed.asking import ASHA, channel, get, profile, put
from tests.flawed.deployment import Twist
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import changed_values, saving_profiles

_NAMES = ("UPD-BODY-2", "UPD-BODY-3", "UPD-USE-2", "name-characters")
_LONG_NAMES = ("UPD-BODY-2", "UPD-BODY-3", "UPD-USE-2", "name-too-long")
_CUSTOM = ("UPD-BODY-4", "UPD-BODY-5", "UPD-BODY-6", "UPD-USE-8")
_CHANNELS = ("UPD-BODY-7", "UPD-BODY-9", "UPD-USE-7", "comm-channels")
_MOST_CHANNELS = 4
_LONGEST_EMAIL = 64
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
        return replace(new, fields=changed_values(old.fields, new.fields, change))

    return saving_profiles(keep)


def _changing_new_channels(change: Callable[[CommChannel], CommChannel]) -> Twist:
    def keep(old: Profile, new: Profile) -> Profile:
        known = {(each.type, each.value) for each in old.channels}
        channels = tuple(each if (each.type, each.value) in known else change(each) for each in new.channels)
        return replace(new, channels=channels)

    return saving_profiles(keep)


def _within_the_plane(name: str) -> str:
    return "".join(letter for letter in name if ord(letter) <= 0xFFFF)


def _within_bytes(name: str) -> str:
    return name.encode()[:100].decode(errors="ignore")


def _unless_null(name: str) -> str | None:
    return None if name.casefold() in ("null", "none", "nil", "n/a") else name


def _as_spreadsheet(value: str) -> str:
    return str(int(value)) if value.isascii() and value.lstrip("+-").isdigit() else value


def _capped(profile_: Profile) -> Profile:
    return replace(profile_, channels=profile_.channels[:_MOST_CHANNELS])


def _renamed(name: str) -> tuple[Any, Any]:
    return put(ASHA, profile(firstName=name)), get(ASHA)


TEXTS = (
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
        names=(*_CHANNELS, "UPD-EX-1"),
        needs="irreversible",
        make=deployed(saving_profiles(lambda _, new: _capped(new))),
        shown_by=(put(ASHA, profile(commChannels=_MANY)), get(ASHA)),
    ),
)
