"""Read what a request asks to update."""

from collections.abc import Mapping
from typing import Any

from mockserver.contract import Parameters
from mockserver.domain.command import OMITTED, UpdateCustomer
from mockserver.operations.customer_bodies import (
    ENROLMENT,
    LOYALTY_INFO,
    PROFILE_MEMBERS,
    read_enrolments,
    read_loyalty,
    read_profiles,
)
from mockserver.operations.fields import Members
from mockserver.operations.reading import Reading
from mockserver.operations.update_customer.attribution import LOOKUP, LOOKUP_TYPE

_CONTEXT = ("USER-CONTEXT-", "X-CAP-API-ATTRIBUTION-")
BODY = frozenset({"profiles", "loyaltyInfo", "extendedFields", "loyaltyProgramEnrollments"})
MEMBERS = Members(
    BODY,
    {
        "profiles": PROFILE_MEMBERS,
        "loyaltyInfo": Members(LOYALTY_INFO),
        "loyaltyProgramEnrollments": Members(ENROLMENT),
    },
)


def read(parameters: Parameters, body: Mapping[str, Any] | None, now: str) -> UpdateCustomer:
    """Read the update that a request asks for; `body` is None where none was sent."""
    values = parameters.values
    body = body or {}
    reading = Reading(parameters, now)
    customer = reading.customer(values["userId"])
    if not body:
        reading.ask("empty-body")
    if LOOKUP in values and LOOKUP_TYPE not in values:
        reading.ask("attribution-headers")
    use_async = _read_use_async(values.get("use_async"), reading)
    reading.open(body, BODY, "body")
    profiles = read_profiles(body, reading)
    extended_fields = reading.values(body.get("extendedFields", OMITTED))
    loyalty_type = read_loyalty(body.get("loyaltyInfo"), reading)
    enrolments = read_enrolments(body, reading)
    return UpdateCustomer(
        customer=customer,
        source=values["source"],
        account=values.get("accountId"),
        use_async=use_async,
        now=now,
        context={name: value for name, value in values.items() if name.startswith(_CONTEXT)},
        profiles=profiles,
        extended_fields=extended_fields,
        loyalty_type=loyalty_type,
        enrolments=enrolments,
        form=tuple(reading.form),
        unknown=tuple(reading.unknown),
        is_doubtful=reading.is_doubtful,
    )


def _read_use_async(sent: bool | str | None, reading: Reading) -> bool | None:
    """A dialect that takes `True` as well has texts in its contract, where others have booleans."""
    if not isinstance(sent, str):
        return sent
    if sent not in ("true", "false"):
        reading.ask("use-async-spelling")
    return sent.lower() == "true"
