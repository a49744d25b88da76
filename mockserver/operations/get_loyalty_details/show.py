"""A customer's standing as the vendor shows it, one item per program; the shape is a published sample's."""

from collections.abc import Sequence

from mockserver.domain.customer import Customer, Enrolment
from mockserver.domain.organisation import Program, Tier
from mockserver.domain.outcome import Found
from mockserver.lossless_json import as_decimal_point
from mockserver.operations.operation import Body, Scenario


def show(found: Found, warnings: Sequence[Body], scenario: Scenario) -> Body:
    """Show a customer's standing, one item per program."""
    customer, programs = found.customer, scenario.organisation.programs
    items = [_show_standing(enrolment, programs[enrolment.program], customer) for enrolment in customer.enrolments]
    return {"data": items, "warnings": warnings, "errors": []}


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
