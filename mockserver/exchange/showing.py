"""What was decided, as the vendor shows it: the bodies of answers that grant a request.

The shapes are those of the contract; where page and samples differ they follow the samples.
"""

from collections.abc import Mapping, Sequence

from mockserver.contract import CatalogueEntry
from mockserver.domain.customer import Attribution, CommChannel, Customer, Enrolment, Profile
from mockserver.domain.dialect import Dialect
from mockserver.domain.organisation import Organisation, Program, Tier
from mockserver.domain.outcome import Accepted, PointsAwarded
from mockserver.domain.reading import Found
from mockserver.exchange.rendering import show_refusal
from mockserver.exchange.shaping import shape
from mockserver.lossless_json import as_decimal_point


def show_update(outcome: Accepted, dialect: Dialect, entries: Sequence[CatalogueEntry]) -> Mapping[str, object]:
    """Show an accepted update: createdId, warnings (`entries` are theirs), and side effects unless they come later."""
    body: dict[str, object] = {
        "createdId": outcome.customer.id,
        "warnings": [show_refusal(entry, item.words) for entry, item in zip(entries, outcome.warnings, strict=True)],
    }
    if outcome.effects is not None:
        body["sideEffects"] = [_show_effect(effect) for effect in outcome.effects]
    elif dialect["async-side-effects"] == "empty":
        body["sideEffects"] = []
    return shape(body, dialect)


def _show_effect(effect: PointsAwarded) -> dict[str, object]:
    return {
        "entityType": "USER",
        "rawAwardedPoints": as_decimal_point(effect.points),
        "awardedPoints": effect.points,
        "type": "points",
    }


def show_customer(found: Found) -> dict[str, object]:
    """Show a customer with the profiles that were asked for."""
    customer = found.customer
    return {
        "id": customer.id,
        "profiles": [_show_profile(profile, customer) for profile in found.profiles],
        "loyaltyInfo": {
            "loyaltyType": customer.loyalty_type,
            "attributionV2": _show_attribution(customer.attribution),
        },
        "segments": {},
        "extendedFields": customer.extended_fields,
        "cardDetails": [],
        "warnings": [],
    }


def _show_profile(profile: Profile, customer: Customer) -> dict[str, object]:
    identifiers = [{"type": item.type, "value": item.value} for item in profile.identifiers]
    shown: dict[str, object] = {
        "firstName": profile.first_name,
        "lastName": profile.last_name,
        "attribution": _show_attribution(profile.attribution),
        "fields": profile.fields,
        "identifiers": identifiers,
        "commChannels": [_show_channel(channel) for channel in profile.channels],
        "source": profile.source,
        "userId": customer.id,
        "conflictingProfileList": [],
        "autoUpdateTime": profile.attribution.modified,
        "identifiersAll": identifiers,
    }
    if profile.account is not None:
        shown["accountId"] = profile.account
    return shown


def _show_attribution(attribution: Attribution) -> dict[str, object]:
    return {
        "createDate": attribution.created,
        "createdBy": _show_till(attribution.created_by),
        "modifiedBy": _show_till(attribution.modified_by),
        "modifiedDate": attribution.modified,
    }


def _show_till(code: str) -> Mapping[str, str]:
    return {"code": code, "description": "", "name": code, "type": "TILL"}


def _show_channel(channel: CommChannel) -> dict[str, object]:
    return {
        "type": channel.type,
        "value": channel.value,
        "primary": channel.primary,
        "verified": channel.verified,
        "meta": channel.meta,
        "attributes": {},
    }


def show_loyalty_details(found: Found, organisation: Organisation) -> dict[str, object]:
    """Show a customer's standing, one item per program."""
    customer = found.customer
    items = [
        _show_standing(enrolment, organisation.programs[enrolment.program], customer)
        for enrolment in customer.enrolments
    ]
    return {"data": items, "warnings": [], "errors": []}


def _show_standing(enrolment: Enrolment, program: Program, customer: Customer) -> dict[str, object]:
    points = as_decimal_point(enrolment.points)
    standing: dict[str, object] = {
        "redeemed": 0.0,
        "expired": 0.0,
        "returned": 0.0,
        "adjusted": 0.0,
        "lifetimePoints": points,
        "loyaltyPoints": points,
        "cumulativePurchases": 0.0,
        "loyaltyId": customer.id,
        **_show_slab(enrolment, program),
        "programId": program.id,
        "delayedPoints": 0.0,
        "delayedReturnedPoints": 0.0,
        "totalAvailablePoints": points,
        "totalReturnedPoints": 0.0,
        "linkedPartnerPrograms": [],
    }
    if enrolment.tier_expiry is not None:
        standing["slabExpiryDate"] = enrolment.tier_expiry
    return standing


def _show_slab(enrolment: Enrolment, program: Program) -> dict[str, object]:
    current = program.tier(enrolment.tier)
    following = _next_tier(enrolment.tier, program)
    return {
        "currentSlab": current.name if current is not None else "",
        "nextSlab": following.name if following is not None else "",
        "nextSlabSerialNumber": following.number if following is not None else -1,
        "nextSlabDescription": following.name if following is not None else "",
        "slabSNo": enrolment.tier,
    }


def _next_tier(number: int, program: Program) -> Tier | None:
    higher = [tier for tier in program.tiers if tier.number > number]
    return min(higher, key=lambda tier: tier.number) if higher else None
