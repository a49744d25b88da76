"""Customers as plain records: what world files hold and the control plane shows.

`write_customer` and `read_customer` are inverse to each other. A record that cannot be read is answered with a
`RecordProblem`, a value: the path, what is wrong there, and the cure.
"""

from collections.abc import Iterator, Mapping
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

__all__ = (
    "RecordProblem",
    "read_attribution",
    "read_customer",
    "read_organisation",
    "suggest",
    "write_customer",
)

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
    record: object, organisation: Organisation, *, attribution: Attribution | None = None
) -> Customer | RecordProblem:
    """Read a customer; `attribution` stands in where the record names none."""
    problem = find_misshape(_SHAPE, CUSTOMER, record) or next(_misfits(record, organisation), None)
    if problem is not None:
        return problem
    return _customer_of(record, attribution)


def read_attribution(record: object) -> Attribution | RecordProblem:
    """Read who created and last modified something, and when."""
    return find_misshape(_ATTRIBUTION_SHAPE, ATTRIBUTION, record) or _attribution_of(record)


def _misfits(record: Any, organisation: Organisation) -> Iterator[RecordProblem]:
    """Yield what does not fit the organisation."""
    seen = set()
    for index, profile in enumerate(record.get("profiles", ())):
        yield from _profile_misfits(("profiles", index), profile, organisation)
        key = (profile["source"], profile.get("accountId"))
        if key in seen:
            yield _repeated(("profiles", index), profile["source"], "keep one profile per source and account")
        seen.add(key)
    yield from _enrolments_misfits(record.get("loyaltyProgramEnrollments", ()), organisation)
    for name, value in record.get("extendedFields", {}).items():
        problem = find_extended_misfit(name, value, organisation)
        if problem is not None:
            yield problem


def _profile_misfits(path: Path, profile: Mapping[str, Any], organisation: Organisation) -> Iterator[RecordProblem]:
    source = organisation.sources.get(profile["source"])
    account = profile.get("accountId")
    if source is None:
        yield not_configured((*path, "source"), profile["source"], organisation.sources)
    elif account is None and source.accounts:
        problem, cure = f"accountId is missing for {source.name}", f"name one of {', '.join(sorted(source.accounts))}"
        yield RecordProblem(path=path, problem=problem, cure=cure)
    elif account is not None and not source.accounts:
        problem = f"{source.name} takes no accountId"
        yield RecordProblem(path=(*path, "accountId"), problem=problem, cure="leave it out")
    elif account is not None and account not in source.accounts:
        yield not_configured((*path, "accountId"), account, source.accounts)
    for name in profile.get("fields", ()):
        if name not in organisation.custom_fields:
            yield not_configured((*path, "fields", name), name, organisation.custom_fields)


def _enrolments_misfits(enrolments: Any, organisation: Organisation) -> Iterator[RecordProblem]:
    seen = set()
    for index, enrolment in enumerate(enrolments):
        path: Path = ("loyaltyProgramEnrollments", index)
        yield from _enrolment_misfits(path, enrolment, organisation)
        if enrolment["programId"] in seen:
            yield _repeated(path, enrolment["programId"], "keep one enrolment per program")
        seen.add(enrolment["programId"])


def _enrolment_misfits(path: Path, enrolment: Mapping[str, Any], organisation: Organisation) -> Iterator[RecordProblem]:
    program = organisation.programs.get(enrolment["programId"])
    if program is None:
        yield not_configured((*path, "programId"), enrolment["programId"], organisation.programs)
    elif program.tier(enrolment["tierNumber"]) is None:
        tiers = [tier.number for tier in program.tiers]
        yield not_configured((*path, "tierNumber"), enrolment["tierNumber"], tiers)


def _repeated(path: Path, value: object, cure: str) -> RecordProblem:
    return RecordProblem(path=path, problem=f"{value} stands twice", cure=cure)


def _customer_of(record: Any, default: Attribution | None) -> Customer | RecordProblem:
    attribution = _attribution_of(record["attribution"]) if "attribution" in record else default
    if attribution is None:
        return RecordProblem(path=(), problem="attribution is missing", cure="say who created it, and when")
    merged = record.get("mergedInto")
    return Customer(
        id=CustomerId(record["id"]),
        loyalty_type=record["loyaltyType"],
        profiles=tuple(_profile_of(item, attribution) for item in record.get("profiles", ())),
        extended_fields=dict(record.get("extendedFields", {})),
        enrolments=tuple(_enrolment_of(item) for item in record.get("loyaltyProgramEnrollments", ())),
        attribution=attribution,
        merged_into=None if merged is None else CustomerId(merged),
        audit=tuple(_entry_of(item) for item in record.get("audit", ())),
    )


def _attribution_of(record: Any) -> Attribution:
    return Attribution(
        created=record["createDate"],
        created_by=record["createdBy"],
        modified=record["modifiedDate"],
        modified_by=record["modifiedBy"],
    )


def _profile_of(record: Mapping[str, Any], default: Attribution) -> Profile:
    return Profile(
        source=record["source"],
        account=record.get("accountId"),
        first_name=record.get("firstName"),
        last_name=record.get("lastName"),
        fields=dict(record.get("fields", {})),
        identifiers=tuple(Identifier(**item) for item in record.get("identifiers", ())),
        channels=tuple(CommChannel(**item) for item in record.get("commChannels", ())),
        attribution=_attribution_of(record["attribution"]) if "attribution" in record else default,
    )


def _enrolment_of(record: Mapping[str, Any]) -> Enrolment:
    return Enrolment(
        program=record["programId"],
        tier=record["tierNumber"],
        points=record.get("loyaltyPoints", 0),
        tier_expiry=record.get("tierExpiryDate"),
        points_expiry=record.get("pointsExpiryDate"),
    )


def _entry_of(record: Mapping[str, Any]) -> AuditEntry:
    changes = tuple(Change(**change) for change in record["changes"])
    return AuditEntry(at=record["at"], context=dict(record["context"]), changes=changes)
