"""Customers as plain records: what world files hold and the control plane shows.

`write_customer` and `read_customer` are inverse to each other. A record that cannot be read is answered with a
`RecordProblem`, a value: the path, what is wrong there, and the cure.
"""

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from mockserver.domain.customer import (
    Attribution,
    AuditEntry,
    Change,
    CommChannel,
    Customer,
    CustomerId,
    Enrolment,
    Identifier,
    Profile,
)
from mockserver.domain.organisation import Organisation
from mockserver.domain.record_organisation import (
    Path,
    RecordProblem,
    find_extended_misfit,
    find_misshape,
    not_configured,
    read_organisation,
    suggest,
)
from mockserver.domain.record_shapes import ATTRIBUTION, CUSTOMER
from mockserver.domain.record_sharing import Shared

__all__ = (
    "CUSTOMER_MEMBERS",
    "RecordProblem",
    "Shared",
    "read_attribution",
    "read_customer",
    "read_organisation",
    "suggest",
    "write_customer",
)

_NOTHING: Mapping[str, Any] = {}
CUSTOMER_MEMBERS = frozenset(CUSTOMER["properties"])
_SHAPE = jsonschema_rs.Draft202012Validator(CUSTOMER)
_ATTRIBUTION_SHAPE = jsonschema_rs.Draft202012Validator(ATTRIBUTION)


def write_customer(customer: Customer) -> dict[str, object]:
    """Return a customer as a plain record."""
    record: dict[str, object] = {
        "id": customer.id,
        "loyaltyType": customer.loyalty_type,
        "profiles": [_write_profile(profile) for profile in customer.profiles],
        "extendedFields": dict(customer.extended_fields),
        "loyaltyProgramEnrollments": [_write_enrolment(item) for item in customer.enrolments],
        "attribution": _write_attribution(customer.attribution),
        "audit": [_write_entry(entry) for entry in customer.audit],
    }
    if customer.merged_into is not None:
        record["mergedInto"] = customer.merged_into
    return record


def _write_profile(profile: Profile) -> dict[str, object]:
    return _without_none(
        {
            "source": profile.source,
            "accountId": profile.account,
            "firstName": profile.first_name,
            "lastName": profile.last_name,
            "fields": dict(profile.fields),
            "identifiers": [{"type": item.type, "value": item.value} for item in profile.identifiers],
            "commChannels": [_write_channel(channel) for channel in profile.channels],
            "attribution": _write_attribution(profile.attribution),
        }
    )


def _write_channel(channel: CommChannel) -> dict[str, object]:
    return {
        "type": channel.type,
        "value": channel.value,
        "primary": channel.primary,
        "verified": channel.verified,
        "meta": dict(channel.meta),
    }


def _write_enrolment(enrolment: Enrolment) -> dict[str, object]:
    return _without_none(
        {
            "programId": enrolment.program,
            "tierNumber": enrolment.tier,
            "loyaltyPoints": enrolment.points,
            "tierExpiryDate": enrolment.tier_expiry,
            "pointsExpiryDate": enrolment.points_expiry,
        }
    )


def _write_attribution(attribution: Attribution) -> dict[str, object]:
    return {
        "createDate": attribution.created,
        "createdBy": attribution.created_by,
        "modifiedDate": attribution.modified,
        "modifiedBy": attribution.modified_by,
    }


def _write_entry(entry: AuditEntry) -> dict[str, object]:
    changes = [
        {"member": change.member, "previous": change.previous, "current": change.current} for change in entry.changes
    ]
    return {"at": entry.at, "context": dict(entry.context), "changes": changes}


def _without_none(record: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in record.items() if value is not None}


def read_customer(
    record: object,
    organisation: Organisation,
    *,
    attribution: Attribution | None = None,
    shared: Shared | None = None,
) -> Customer | RecordProblem:
    """Read a customer; `attribution` stands in where the record names none.

    Who reads many passes the same `shared` for all of them, so that their equal parts are kept once.
    """
    problem = find_misshape(_SHAPE, CUSTOMER, record) or _find_misfit(record, organisation)
    if problem is not None:
        return problem
    return _customer_of(record, attribution, shared or Shared())


def read_attribution(record: object) -> Attribution | RecordProblem:
    """Read who created and last modified something, and when."""
    return find_misshape(_ATTRIBUTION_SHAPE, ATTRIBUTION, record) or _attribution_of(record)


def _find_misfit(record: Any, organisation: Organisation) -> RecordProblem | None:
    """Return the first thing that does not fit the organisation, or None."""
    return (
        _find_misfit_of_profiles(record.get("profiles", ()), organisation)
        or _find_misfit_of_enrolments(record.get("loyaltyProgramEnrollments", ()), organisation)
        or _find_misfit_of_extended(record.get("extendedFields", _NOTHING), organisation)
    )


def _find_misfit_of_profiles(profiles: Any, organisation: Organisation) -> RecordProblem | None:
    seen = set()
    for index, profile in enumerate(profiles):
        problem = _find_misfit_of_profile(("profiles", index), profile, organisation)
        if problem is not None:
            return problem
        key = (profile["source"], profile.get("accountId"))
        if key in seen:
            return _repeated(("profiles", index), profile["source"], "keep one profile per source and account")
        seen.add(key)
    return None


def _find_misfit_of_profile(path: Path, profile: Mapping[str, Any], organisation: Organisation) -> RecordProblem | None:
    source = organisation.sources.get(profile["source"])
    account = profile.get("accountId")
    if source is None:
        return not_configured((*path, "source"), profile["source"], organisation.sources)
    if account is None and source.accounts:
        problem, cure = f"accountId is missing for {source.name}", f"name one of {', '.join(sorted(source.accounts))}"
        return RecordProblem(path=path, problem=problem, cure=cure)
    if account is not None and not source.accounts:
        problem = f"{source.name} takes no accountId"
        return RecordProblem(path=(*path, "accountId"), problem=problem, cure="leave it out")
    if account is not None and account not in source.accounts:
        return not_configured((*path, "accountId"), account, source.accounts)
    for name in profile.get("fields", ()):
        if name not in organisation.custom_fields:
            return not_configured((*path, "fields", name), name, organisation.custom_fields)
    return None


def _find_misfit_of_enrolments(enrolments: Any, organisation: Organisation) -> RecordProblem | None:
    seen = set()
    for index, enrolment in enumerate(enrolments):
        path: Path = ("loyaltyProgramEnrollments", index)
        problem = _find_misfit_of_enrolment(path, enrolment, organisation)
        if problem is not None:
            return problem
        if enrolment["programId"] in seen:
            return _repeated(path, enrolment["programId"], "keep one enrolment per program")
        seen.add(enrolment["programId"])
    return None


def _find_misfit_of_enrolment(
    path: Path, enrolment: Mapping[str, Any], organisation: Organisation
) -> RecordProblem | None:
    program = organisation.programs.get(enrolment["programId"])
    if program is None:
        return not_configured((*path, "programId"), enrolment["programId"], organisation.programs)
    if program.tier(enrolment["tierNumber"]) is None:
        tiers = [tier.number for tier in program.tiers]
        return not_configured((*path, "tierNumber"), enrolment["tierNumber"], tiers)
    return None


def _find_misfit_of_extended(fields: Mapping[str, Any], organisation: Organisation) -> RecordProblem | None:
    for name, value in fields.items():
        problem = find_extended_misfit(name, value, organisation)
        if problem is not None:
            return problem
    return None


def _repeated(path: Path, value: object, cure: str) -> RecordProblem:
    return RecordProblem(path=path, problem=f"{value} stands twice", cure=cure)


def _customer_of(record: Any, default: Attribution | None, shared: Shared) -> Customer | RecordProblem:
    attribution = shared.value(_attribution_of(record["attribution"])) if "attribution" in record else default
    if attribution is None:
        return RecordProblem(path=(), problem="attribution is missing", cure="say who created it, and when")
    merged = record.get("mergedInto")
    return Customer(
        id=CustomerId(record["id"]),
        loyalty_type=shared.value(record["loyaltyType"]),
        profiles=tuple([_profile_of(item, attribution, shared) for item in record.get("profiles", ())]),
        extended_fields=shared.mapping(record.get("extendedFields", _NOTHING)),
        enrolments=tuple([_enrolment_of(item, shared) for item in record.get("loyaltyProgramEnrollments", ())]),
        attribution=attribution,
        merged_into=None if merged is None else CustomerId(merged),
        audit=tuple([_entry_of(item) for item in record.get("audit", ())]),
    )


def _attribution_of(record: Any) -> Attribution:
    return Attribution(
        created=_moment_of(record["createDate"]),
        created_by=record["createdBy"],
        modified=_moment_of(record["modifiedDate"]),
        modified_by=record["modifiedBy"],
    )


def _moment_of(written: str) -> str:
    """Return a time as the vendor writes it; RFC 3339 §5.6 also allows `t` and `z`."""
    return written.upper()


def _profile_of(record: Mapping[str, Any], default: Attribution, shared: Shared) -> Profile:
    own = record.get("attribution")
    return Profile(
        source=shared.value(record["source"]),
        account=shared.value(record.get("accountId")),
        first_name=shared.value(record.get("firstName")),
        last_name=shared.value(record.get("lastName")),
        fields=shared.mapping(record.get("fields", _NOTHING)),
        identifiers=tuple([_identifier_of(item, shared) for item in record.get("identifiers", ())]),
        channels=tuple([_channel_of(item, shared) for item in record.get("commChannels", ())]),
        attribution=default if own is None else shared.value(_attribution_of(own)),
    )


def _identifier_of(record: Mapping[str, Any], shared: Shared) -> Identifier:
    return Identifier(type=shared.value(record["type"]), value=record["value"])


def _channel_of(record: Mapping[str, Any], shared: Shared) -> CommChannel:
    return CommChannel(
        type=shared.value(record["type"]),
        value=record["value"],
        primary=record.get("primary", False),
        verified=record.get("verified", False),
        meta=shared.mapping(record.get("meta", _NOTHING)),
    )


def _enrolment_of(record: Mapping[str, Any], shared: Shared) -> Enrolment:
    return Enrolment(
        program=record["programId"],
        tier=record["tierNumber"],
        points=record.get("loyaltyPoints", 0),
        tier_expiry=_expiry_of(record.get("tierExpiryDate"), shared),
        points_expiry=_expiry_of(record.get("pointsExpiryDate"), shared),
    )


def _expiry_of(written: str | None, shared: Shared) -> str | None:
    return None if written is None else shared.value(_moment_of(written))


def _entry_of(record: Mapping[str, Any]) -> AuditEntry:
    changes = tuple(Change(**change) for change in record["changes"])
    return AuditEntry(at=_moment_of(record["at"]), context=dict(record["context"]), changes=changes)
