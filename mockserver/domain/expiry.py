"""Expiries of an enrolment: what one that is over, or one without points, does.

The page's own sample has both dates in the past and no points, and must work under our answers on any day.
"""

from mockserver.domain.command import SentEnrolment
from mockserver.domain.judgement import Judgement
from mockserver.domain.outcome import Rejected
from mockserver.values import Value


class Expired(Value, frozen=True, kw_only=True):
    """What an expiry takes from an enrolment: the tier, the points, the date itself."""

    tier: bool = False
    points: bool = False
    date: bool = False


def judge_expiries(sent: SentEnrolment, points: int, judgement: Judgement) -> Expired | Rejected:
    """Return what the expiries of an enrolment do to it."""
    is_past = sent.tier_past or sent.points_past
    past = judgement.asks("expiry-past", refusing="10002") if is_past else "store"
    if past == "reject":
        place = f"{sent.place}/{'tierExpiryDate' if sent.tier_past else 'pointsExpiryDate'}"
        return judgement.refuse("10002", place, "is in the past", questions=("expiry-past",))
    has_no_points = isinstance(sent.points_expiry, str) and not points
    without = judgement.asks("expiry-without-points", refusing="10002") if has_no_points else "store"
    if without == "reject":
        place = f"{sent.place}/pointsExpiryDate"
        return judgement.refuse("10002", place, "stands without points", questions=("expiry-without-points",))
    over = past == "expire"
    return Expired(tier=over and sent.tier_past, points=over and sent.points_past, date=without == "expire")
