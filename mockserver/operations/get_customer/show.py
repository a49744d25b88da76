"""A customer as the vendor shows it, with the profiles that were asked for; the shape is a published sample's."""

from collections.abc import Mapping, Sequence

from mockserver.domain.customer import Attribution, CommChannel, Customer, Profile
from mockserver.domain.outcome import Found
from mockserver.operations.operation import Body, Scenario


def show(found: Found, warnings: Sequence[Body], scenario: Scenario) -> Body:
    """Show a customer with the profiles that were asked for."""
    del scenario  # it looks alike in all
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
        "warnings": warnings,
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
