"""Laws of a campaign: how it begins, and what makes two findings one."""

import re

import pytest

from mockserver.errors import TargetError
from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.verification.campaign import Campaign, PhaseOf
from mockserver.verification.events import CampaignDone, Found
from mockserver.verification.findings import Finding, Grade
from mockserver.verification.opening import Order, bench_in_memory
from mockserver.verification.statements import STATEMENT_CHECKS
from mockserver.verification.target import Place

ASHA = Place(customer=171891944)


def a_campaign(setting: Setting, world: World, **members: object) -> Campaign:
    bench = bench_in_memory(Order(url=None, world=world, setting=setting, places=(ASHA,), seed=1))
    phases = (PhaseOf(name="statements", checks=STATEMENT_CHECKS[:3]),)
    return Campaign(bench=bench, phases=phases, version="0", **members)  # type: ignore[arg-type]  # as each test says


def test_what_is_said_of_a_customer_must_be_so_before_anything_is_checked(setting: Setting, demo: World) -> None:
    right = a_campaign(setting, demo, believed={ASHA: {"loyaltyType": "non_loyalty"}})
    wrong = a_campaign(setting, demo, believed={ASHA: {"loyaltyType": "loyalty"}})

    done = list(right.run())[-1]
    assert isinstance(done, CampaignDone)
    assert done.exit_code == 0
    said = '171891944@INSTORE: loyaltyType is "non_loyalty", and the target\'s file says "loyalty"; mend the file'
    with pytest.raises(TargetError, match=re.escape(said)):
        list(wrong.run())


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ({"statement": "UPD-USE-1"}, {"statement": "UPD-USE-1", "check": "b"}, True),
        ({"statement": "UPD-USE-1"}, {"statement": "UPD-USE-2"}, False),
        ({"statement": "UPD-USE-1", "question": "q"}, {"statement": "UPD-USE-2", "question": "q"}, True),
        ({"statement": ""}, {"statement": "", "check": "b"}, False),
        ({"grade": Grade.UNLIKE}, {"grade": Grade.BROKEN}, False),
    ],
)
def test_two_findings_are_one_bug_where_they_name_the_same(
    setting: Setting, demo: World, one: dict[str, object], other: dict[str, object], is_same: bool
) -> None:
    bench = a_campaign(setting, demo).bench
    usual: dict[str, object] = {"grade": Grade.BROKEN, "check": "a", "phase": "p", "promised": "x", "came": "y"}

    told = [bench.found(Finding(**{**usual, **members})) for members in (one, other)]  # type: ignore[arg-type]  # as each row says

    assert all(isinstance(event, Found) for event in told)
    assert len(bench.findings) == (1 if is_same else 2)
    assert told[-1].finding.seen == (2 if is_same else 1)
