"""Loyalty: the status, the enrolments, the organisation's incentives, and the credit of points.

On becoming loyalty the request's own enrolments come first, then the default program where the customer is
not in it, then the incentives are paid. Points are credited by one function, `credit`, whether at once or
later, so that both ways end in the same state.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from mockserver.domain.command import OMITTED, SentEnrolment, UpdateCustomer
from mockserver.domain.customer import LOYALTY, NON_LOYALTY, Customer, Enrolment
from mockserver.domain.expiry import Expired, judge_expiries
from mockserver.domain.judgement import Judgement
from mockserver.domain.members import clears_null
from mockserver.domain.organisation import Program, Tier
from mockserver.domain.outcome import Later, PointsAwarded, Rejected
from mockserver.values import Value

_ENROLMENTS = "loyaltyProgramEnrollments"


class LoyaltyUpdate(Value, frozen=True, kw_only=True):
    """The customer before any credit, and the credits that are due, one per enrolment and incentive."""

    customer: Customer
    credits: tuple[PointsAwarded, ...] = ()


def update_loyalty(customer: Customer, command: UpdateCustomer, judgement: Judgement) -> LoyaltyUpdate | Rejected:
    """Change the loyalty status, enrol, and say which points are due."""
    changed = _change_status(customer, command, judgement)
    if isinstance(changed, Rejected):
        return changed
    enrolled = _enrol_all(changed, command, judgement)
    if isinstance(enrolled, Rejected) or customer.loyalty_type == enrolled.customer.loyalty_type:
        return enrolled
    return _welcome(enrolled, judgement)


def credit(customer: Customer, later: Later) -> Customer:
    """Return the customer with the points credited; a program that the customer is not in gets none."""
    due: dict[int, int] = {}
    for award in later.credits:
        due[award.program] = due.get(award.program, 0) + award.points
    enrolments = tuple(
        replace(enrolment, points=enrolment.points + due.get(enrolment.program, 0)) for enrolment in customer.enrolments
    )
    return replace(customer, enrolments=enrolments)


def _change_status(customer: Customer, command: UpdateCustomer, judgement: Judgement) -> Customer | Rejected:
    wanted = command.loyalty_type
    if wanted is OMITTED or wanted is None or wanted == customer.loyalty_type:
        return customer
    if wanted == NON_LOYALTY:
        return _meet_downgrade(customer, judgement)
    judgement.says(judgement.cites.loyalty)
    return replace(customer, loyalty_type=LOYALTY)


def _meet_downgrade(customer: Customer, judgement: Judgement) -> Customer | Rejected:
    place = "body/loyaltyInfo/loyaltyType"
    why = "a loyalty customer cannot become non_loyalty"
    if judgement.answers["loyalty-downgrade"] != "ignore":
        cited = (judgement.cites.loyalty_downgrade,)
        return judgement.refuse("8018", place, why, statements=cited, questions=("loyalty-downgrade",))
    judgement.asks("loyalty-downgrade", refusing="8018")
    judgement.says(judgement.cites.loyalty_downgrade)
    judgement.ignore(place, why)
    return customer


def _enrol_all(customer: Customer, command: UpdateCustomer, judgement: Judgement) -> LoyaltyUpdate | Rejected:
    sent = command.enrolments
    if sent is OMITTED:
        return LoyaltyUpdate(customer=customer)
    if not sent:
        return LoyaltyUpdate(customer=_without_enrolments(customer, sent, judgement))
    judgement.says(judgement.cites.enrolments)
    refused = _meet_non_loyalty(customer, judgement)
    if refused is not None:
        return refused
    update = LoyaltyUpdate(customer=customer)
    for item in sent:
        step = _enrol(update, item, judgement)
        if isinstance(step, Rejected):
            return step
        update = step
    return _upgraded(customer, update, judgement)


def _without_enrolments(customer: Customer, sent: tuple[SentEnrolment, ...] | None, judgement: Judgement) -> Customer:
    """An empty list, or null, empties the enrolments in some dialects."""
    if sent is None:
        clears = clears_null(judgement)
    else:
        clears = bool(customer.enrolments) and judgement.asks("empty-list") == "clear"
    return replace(customer, enrolments=()) if clears else customer


def _meet_non_loyalty(customer: Customer, judgement: Judgement) -> Rejected | None:
    question = "enrolment-of-non-loyalty"
    if customer.loyalty_type != NON_LOYALTY or judgement.asks(question, refusing="8089") != "8089":
        return None
    return judgement.refuse("8089", f"body/{_ENROLMENTS}", "the customer is not loyalty", questions=(question,))


def _upgraded(before: Customer, update: LoyaltyUpdate, judgement: Judgement) -> LoyaltyUpdate:
    """Who is newly enrolled becomes loyalty in some dialects."""
    customer = update.customer
    is_new = customer.loyalty_type == NON_LOYALTY and customer.enrolments != before.enrolments
    if not is_new or judgement.answers["enrolment-of-non-loyalty"] != "upgrade":
        return update
    return replace(update, customer=replace(customer, loyalty_type=LOYALTY))


def _enrol(update: LoyaltyUpdate, sent: SentEnrolment, judgement: Judgement) -> LoyaltyUpdate | Rejected:
    program = judgement.organisation.programs.get(sent.program)
    if program is None:
        refused = _meet_unknown_program(sent, judgement)
        return update if refused is None else refused
    if update.customer.enrolment_in(program.id) is not None:
        refused = _meet_enrolled(sent, judgement)
        return update if refused is None else refused
    tier = _find_tier(program, sent, judgement)
    if tier is None or isinstance(tier, Rejected):
        return update if tier is None else tier
    points = _find_points(sent, judgement)
    if isinstance(points, Rejected):
        return points
    expired = judge_expiries(sent, points, judgement)
    if isinstance(expired, Rejected):
        return expired
    return _enrolled(update, program, program.tiers[0] if expired.tier else tier, sent, points, expired)


def _meet_unknown_program(sent: SentEnrolment, judgement: Judgement) -> Rejected | None:
    known = ", ".join(str(number) for number in judgement.organisation.programs)
    why = f"{sent.program} is no program of this organisation; it has {known}"
    place = f"{sent.place}/programId"
    if judgement.answers["program-unknown"] != "warn":
        return judgement.refuse("1101", place, why, questions=("program-unknown",))
    judgement.asks("program-unknown", refusing="1101")
    judgement.warn("1101", place, why)
    return None


def _meet_enrolled(sent: SentEnrolment, judgement: Judgement) -> Rejected | None:
    why = f"the customer is already enrolled in program {sent.program}"
    place = f"{sent.place}/programId"
    if judgement.asks("already-enrolled", refusing="10002") == "reject":
        cited = (judgement.cites.already_enrolled,)
        return judgement.refuse("10002", place, why, statements=cited, questions=("already-enrolled",))
    judgement.says(judgement.cites.already_enrolled)
    judgement.warn("91006", place, why, f"loyalty program {sent.program}")
    return None


def _find_tier(program: Program, sent: SentEnrolment, judgement: Judgement) -> Tier | Rejected | None:
    """Return the tier that is meant, or None where the enrolment is skipped."""
    number, place = sent.tier, f"{sent.place}/tierNumber"
    if not isinstance(number, int):
        if judgement.asks("tier-missing", refusing="10002") == "lowest":
            return program.tiers[0]
        return judgement.refuse("10002", place, "is missing", questions=("tier-missing",))
    tier = program.tier(number)
    if tier is not None:
        return tier
    known = ", ".join(str(tier.number) for tier in program.tiers)
    why = f"{number} is no tier of program {program.id}; it has {known}"
    if judgement.answers["tier-unknown"] != "warn":
        return judgement.refuse("10002", place, why, questions=("tier-unknown",))
    judgement.asks("tier-unknown", refusing="10002")
    judgement.warn("10002", place, why)
    return None


def _find_points(sent: SentEnrolment, judgement: Judgement) -> int | Rejected:
    points, place = sent.points, f"{sent.place}/loyaltyPoints"
    if points is OMITTED or points is None:
        if judgement.asks("points-missing", refusing="10002") == "zero":
            return 0
        return judgement.refuse("10002", place, "is missing", questions=("points-missing",))
    if points < 0:
        return judgement.refuse("10002", place, f"{points} is less than 0", questions=("points-negative",))
    if not isinstance(points, int):
        return judgement.refuse("10002", place, f"{points} is no whole number", questions=("points-fraction",))
    return points


def _enrolled(
    update: LoyaltyUpdate, program: Program, tier: Tier, sent: SentEnrolment, points: int, expired: Expired
) -> LoyaltyUpdate:
    enrolment = Enrolment(
        program=program.id,
        tier=tier.number,
        tier_expiry=sent.tier_expiry if isinstance(sent.tier_expiry, str) else None,
        points_expiry=sent.points_expiry if isinstance(sent.points_expiry, str) and not expired.date else None,
    )
    credits_due = update.credits
    if points and not expired.points:
        credits_due = (*credits_due, PointsAwarded(program=program.id, points=points))
    customer = replace(update.customer, enrolments=(*update.customer.enrolments, enrolment))
    return LoyaltyUpdate(customer=customer, credits=credits_due)


def _welcome(update: LoyaltyUpdate, judgement: Judgement) -> LoyaltyUpdate:
    """Enrol a new loyalty customer in the default program, silently, and pay the incentives."""
    customer = _enrolled_by_default(update.customer, judgement)
    paid = tuple(
        PointsAwarded(program=incentive.program, points=incentive.points, by_incentive=True)
        for incentive in judgement.organisation.incentives
        if customer.enrolment_in(incentive.program) is not None
    )
    return LoyaltyUpdate(customer=customer, credits=(*update.credits, *paid))


def _enrolled_by_default(customer: Customer, judgement: Judgement) -> Customer:
    program = _default_program(judgement)
    if program is None or customer.enrolment_in(program.id) is not None:
        return customer
    if judgement.asks("default-program-enrolment") == "no":
        return customer
    enrolment = Enrolment(program=program.id, tier=program.tiers[0].number)
    return replace(customer, enrolments=(*customer.enrolments, enrolment))


def _default_program(judgement: Judgement) -> Program | None:
    number = judgement.organisation.default_program
    return None if number is None else judgement.organisation.programs.get(number)


def asked_points(command: UpdateCustomer) -> Mapping[int, int]:
    """Return the points that the request asks for, by program: the first item of a program counts."""
    sent = command.enrolments if isinstance(command.enrolments, tuple) else ()
    return {item.program: item.points for item in reversed(sent) if isinstance(item.points, int)}
