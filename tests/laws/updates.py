"""Updates drawn from small pools of customers, sources, names and values, so that most are accepted and many meet.

What is drawn is known to be usable or not, independently of the rules: `warnings_due` counts on that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from mockserver.domain.customer import Customer

Body = dict[str, Any]  # Any: JSON, as a client writes it

ADDRESSES = (
    (171891944, "source=INSTORE"),
    (171891944, "source=LINE&accountId=line-1"),
    (171891945, "source=INSTORE"),
    (171891945, "source=WECHAT&accountId=22232"),
    (171891946, "source=WECHAT&accountId=1234"),
    (171891947, "source=FACEBOOK&accountId=fb-1"),
    (171891947, "source=FACEBOOK&accountId=fb-2"),
    (171891948, "source=INSTORE"),
    (171891948, "source=MARTJACK"),
    (171891959, "source=WECHAT&accountId=1234"),
)
_REFUSED_ADDRESSES = (
    (171891900, "source=INSTORE"),
    (171891949, "source=INSTORE"),
    (171891945, "source=WECHAT"),
    (171891945, "source=WECHAT&accountId=9"),
    (171891944, "source=INSTORE&accountId=1"),
    (171891944, "source=FAX"),
)
INVALID = {"mobile": ("12", "abc"), "email": ("tom", "[email protected]")}
_VALID = {
    "mobile": ("919999001944", "9999000000", "+4712345678"),
    "email": ("asha.menon@example.com", "tom@example.com", "ravi.k@example.com"),
    "wechat": ("wc_1945", "wc_2"),
}
UNKNOWN_FIELDS = ("shoe_size", "pet")
_NAMES = ("Tom", "Asha", "李", "O'Neil-Walsh", "")
_WORDS = ("Male", "Pune", "blue", "")
EXTENDED = {
    "gender": ("Male", "Female"),
    "city": ("Pune", "Kochi", ""),
    "kids": (0, 2, 3),
    "height": (1.5, 1.82),
    "dob": ("1990-01-31", "1990-01-31T10:20:30Z"),
}
UNUSABLE_EXTENDED = {"gender": "Robot", "kids": "two", "dob": "31/01/1990", "shoe_size": 9}


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One update as a client would send it."""

    customer: int
    query: str
    body: Body = field(default_factory=dict)

    @property
    def place(self) -> tuple[str, str | None]:
        """The source and account that the query names."""
        said = dict(part.split("=") for part in self.query.split("&"))
        return said["source"], said.get("accountId")

    @property
    def profile(self) -> Mapping[str, Any]:
        """The one profile that is sent, empty where there is none."""
        sent: Mapping[str, Any] = (self.body.get("profiles") or [{}])[0]
        return sent

    @property
    def channels(self) -> list[Mapping[str, Any]]:
        """The channels that are sent."""
        return list(self.profile.get("commChannels") or [])


def flags() -> st.SearchStrategy[object]:
    """Draw a flag as a boolean, as text or null."""
    return st.sampled_from([True, False, "true", "false", None])


def channels(*, invalid: bool = True) -> st.SearchStrategy[Body]:
    """Draw a channel, now and then with an invalid value."""
    values = {kind: values + (INVALID.get(kind, ()) if invalid else ()) for kind, values in _VALID.items()}
    pairs = [(kind, value) for kind, known in values.items() for value in known]
    meta = st.fixed_dictionaries(
        {}, optional={"residence": st.booleans(), "lastViewedDate": st.sampled_from(["", "a"])}
    )
    optional = {"primary": flags(), "verified": flags(), "meta": meta}
    return st.sampled_from(pairs).flatmap(
        lambda pair: st.fixed_dictionaries({"type": st.just(pair[0]), "value": st.just(pair[1])}, optional=optional)
    )


def profiles() -> st.SearchStrategy[Body]:
    """Draw a profile."""
    known = {name: st.sampled_from((*_WORDS, None)) for name in ("gender", "city", "favourite_color")}
    unknown = {name: st.just("x") for name in UNKNOWN_FIELDS}
    names = st.sampled_from((*_NAMES, None))
    return st.fixed_dictionaries(
        {},
        optional={
            "firstName": names,
            "lastName": names,
            "fields": st.fixed_dictionaries({}, optional={**known, **unknown}),
            "commChannels": st.lists(channels(), max_size=4),
            "identifiers": st.just([{"type": "mobile", "value": "919000000000"}]),
        },
    )


def extended_fields() -> st.SearchStrategy[Body]:
    """Draw extended fields, now and then with a value that is not of the type."""
    values = {name: st.sampled_from((*usable, None, *_unusable(name))) for name, usable in EXTENDED.items()}
    return st.fixed_dictionaries({}, optional={**values, "shoe_size": st.just(9)})


def _unusable(name: str) -> tuple[object, ...]:
    return (UNUSABLE_EXTENDED[name],) if name in UNUSABLE_EXTENDED else ()


def enrolments(*, accepted: bool = True) -> st.SearchStrategy[Body]:
    """Draw an enrolment; one that need not be accepted may name an unknown program or tier."""
    return st.fixed_dictionaries(
        {"programId": st.sampled_from((699, 1016) if accepted else (699, 1016, 5))},
        optional={
            "tierNumber": st.sampled_from((1, 2, 3, None) if accepted else (1, 9)),
            "loyaltyPoints": st.sampled_from((0, 10, 75.0, None)),
            "tierExpiryDate": st.sampled_from(("2030-07-11T16:36:17+05:30", "2024-07-11T16:36:17 +0530")),
        },
    )


def bodies(*, accepted: bool = True) -> st.SearchStrategy[Body]:
    """Draw a body; one that need not be accepted may break the contract or a rule."""
    loyalty = st.just("loyalty") if accepted else st.sampled_from(("loyalty", "non_loyalty", "gold"))
    optional: dict[str, st.SearchStrategy[Any]] = {
        "profiles": st.lists(profiles(), max_size=1),
        "extendedFields": extended_fields(),
        "loyaltyInfo": st.fixed_dictionaries({}, optional={"loyaltyType": loyalty}),
        "loyaltyProgramEnrollments": st.lists(enrolments(accepted=accepted), max_size=3),
    }
    return st.fixed_dictionaries({}, optional=optional)


def _updates(addresses: tuple[tuple[int, str], ...], sent: st.SearchStrategy[Body]) -> st.SearchStrategy[Update]:
    return st.builds(
        lambda address, body: Update(customer=address[0], query=address[1], body=body),
        st.sampled_from(addresses),
        sent,
    )


def accepted_updates() -> st.SearchStrategy[Update]:
    """Draw an update that must be accepted."""
    return _updates(ADDRESSES, bodies())


def any_updates() -> st.SearchStrategy[Update]:
    """Draw an update that may be accepted or refused."""
    return _updates((*ADDRESSES, *_REFUSED_ADDRESSES), bodies(accepted=False))


def is_usable(channel: Mapping[str, Any]) -> bool:
    """Tell whether a channel's value was drawn as a valid one."""
    return channel["value"] not in INVALID.get(channel["type"], ())


def is_usable_extended(name: str, value: object) -> bool:
    """Tell whether an extended field's value was drawn as one of the type."""
    return value is not None and UNUSABLE_EXTENDED.get(name) != value


def warnings_due(customer: Customer, update: Update) -> tuple[int, ...]:
    """Return the warnings that an accepted update must have, in the order of judgement."""
    return tuple(_warnings_due(customer, update))


def _warnings_due(customer: Customer, update: Update) -> Iterator[int]:
    for name in update.profile.get("fields", {}):
        if name in UNKNOWN_FIELDS:
            yield 1017
    for channel in update.channels:
        if not is_usable(channel):
            yield 8057 if channel["type"] == "email" else 8058
    for name, value in update.body.get("extendedFields", {}).items():
        if value is not None and not is_usable_extended(name, value):
            yield 91015
    held = {enrolment.program for enrolment in customer.enrolments}
    for item in update.body.get("loyaltyProgramEnrollments", []):
        if item["programId"] in held:
            yield 91006
        held.add(item["programId"])
