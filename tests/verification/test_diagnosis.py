"""Laws of diagnosis: one bug is one finding under the right name, two are two, and nothing that was seen is lost."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain.customer import Customer, CustomerId
from mockserver.exchange import Reply
from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.bench import Bench
from mockserver.verification.campaign import Campaign
from mockserver.verification.diagnosis import diagnose
from mockserver.verification.expectation import Expectation, Kind, Mismatch
from mockserver.verification.features import features_of
from mockserver.verification.findings import Finding, Grade, Step
from mockserver.verification.symptoms import Evidence, case_of, subject_of
from mockserver.verification.target import Leave
from tests.flawed.asking import ASHA, profile, put
from tests.flawed.checking import bench_of, bench_with, findings_of, golden_phase, is_right, run, statements_phase
from tests.flawed.deployment import Deployment, Twist
from tests.flawed.flaw import Flaw
from tests.flawed.flaws import FLAWS

# Each was told as three findings and more, most of them with another name first.
_TOLD_OFTEN = (
    "not-stored",
    "one-behind",
    "stale-for-ever",
    "every-source-changed",
    "others-changed",
    "names-swapped",
    "channels-lost",
    "channel-flags-as-text",
    "known-channel-refused",
    "re-enrolment-credits",
    "error-for-errors",
    "no-content",
    "account-needed-everywhere",
    "unknown-customer-granted",
)
_PAIRS = (
    ("first-name-lost", "code-as-text"),
    ("custom-field-lost", "re-enrolment-credits"),
    ("extended-fields-lost", "first-name-lost"),
    ("channel-meta-lost", "downgrade-takes-effect"),
    ("names-upper-cased", "unknown-customer-granted"),
    ("tier-unused", "last-name-lost"),
    ("text-flags-refused", "custom-field-lost"),
    ("created-id-left-out", "empty-names-crash"),
)


class _Both(Deployment):
    """Misbehaves in two ways: what one twist asks, the other answers."""

    def __init__(self, outer: Twist, inner: Twist) -> None:
        Deployment.__init__(self, outer)
        self._inner = inner
        self._is_within = False

    def ask(self, request: Request, customers: Mapping[CustomerId, Customer] | None = None) -> Reply:
        if self._is_within or customers is not None:
            return Deployment.ask(self, request, customers)
        self._is_within = True
        try:
            return self._inner(self, request)
        finally:
            self._is_within = False


def _checked(bench: Bench) -> tuple[Finding, ...]:
    return findings_of(run(bench, [golden_phase(), statements_phase()]))


@cache
def _bench_after(name: str) -> Bench:
    bench = bench_of(FLAWS[name], leave=Leave.IRREVERSIBLE)
    _checked(bench)
    return bench


def _told(bench: Bench) -> tuple[Finding, ...]:
    return diagnose(bench.sightings, bench.judge.evidence)


def _named(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.question or finding.statement for finding in findings]


@pytest.mark.parametrize("name", _TOLD_OFTEN)
def test_one_bug_is_one_finding_and_its_name_is_right(name: str) -> None:
    told = _told(_bench_after(name))

    assert len(told) == 1
    assert is_right(FLAWS[name], told[0])


@pytest.mark.parametrize(("one", "other"), _PAIRS)
def test_two_bugs_are_two_findings(one: str, other: str) -> None:
    flaws: tuple[Flaw, Flaw] = (FLAWS[one], FLAWS[other])
    outer, inner = (flaw.make()._twist for flaw in flaws)  # noqa: SLF001  # a deployment has one twist

    told = _checked(bench_with(_Both(outer, inner), leave=Leave.IRREVERSIBLE))

    right = [[is_right(flaw, finding) for finding in told] for flaw in flaws]
    assert all(any(named) for named in right), _named(told)
    assert [finding for finding in told if not any(is_right(flaw, finding) for flaw in flaws)] == []


@pytest.mark.parametrize("name", ["one-behind", "no-content", "account-needed-everywhere"])
def test_whoever_saw_a_bug_is_named_by_the_finding_that_tells_it(name: str) -> None:
    bench = _bench_after(name)

    told = {who for one in _told(bench) for who in (f"{one.phase}/{one.check}", *one.also)}

    assert told == {f"{one.phase}/{one.check}" for one in bench.sightings}


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["one-behind", "names-swapped", "account-needed-everywhere", "others-changed"]), st.data())
def test_the_order_in_which_checks_ran_does_not_matter(name: str, data: st.DataObject) -> None:
    bench = _bench_after(name)
    order = data.draw(st.permutations(bench.sightings))

    told = diagnose(order, bench.judge.evidence)

    assert _named(told) == _named(_told(bench))
    assert [one.check for one in told] == [one.check for one in _told(bench)]


@pytest.mark.parametrize("name", ["not-stored", "no-content", "others-changed", "first-name-lost"])
def test_a_baseline_that_has_each_example_knows_the_bug_and_one_that_has_the_bug_knows_the_examples(name: str) -> None:
    told, examples = _told(_bench_after(name)), frozenset(_bench_after(name).findings)
    explained = frozenset(one.key for finding in told for one in finding.explains)
    bugs = explained | {finding.key for finding in told}

    for known in (examples, bugs):
        bench = bench_of(FLAWS[name], leave=Leave.IRREVERSIBLE, seed=2)
        campaign = Campaign(bench=bench, phases=(golden_phase(), statements_phase()), version="test", known=known)
        assert _named(findings_of(campaign.run())) == []


def a_finding(check: str, body: dict[str, Any], *wrong: Mismatch, statement: str = "UPD-USE-1") -> Finding:
    step = Step(request=put(ASHA, body), expect=Expectation(status=200))
    return Finding(
        grade=Grade.BROKEN,
        check=check,
        phase="test",
        promised="",
        came="",
        statement=statement,
        steps=(step,),
        wrong=wrong,
    )


def kept(path: str) -> Mismatch:
    return Mismatch(place=f"state/{path}", promised="new", came="old", kind=Kind.KEPT)


def refused(code: int) -> Mismatch:
    return Mismatch(place="code", promised="granted", came=str(code), kind=Kind.REFUSED, code=code)


def held(finding: Finding, *paths: str) -> Evidence:
    stored = frozenset(subject_of(f"state/{path}") for path in paths)
    return Evidence(features=features_of(finding.steps), granted=True, looked=True, stored=stored)


FIRST, LAST = "profiles/INSTORE/firstName", "profiles/INSTORE/lastName"
CITY, EXTENDED = "profiles/INSTORE/fields/city", "extendedFields/city"
PLAIN = a_finding("plain", profile(firstName="Tom"), refused(400), statement="UPD-BODY-2")
MORE = a_finding("more", profile(firstName="Ann", lastName="Lee"), refused(400), statement="UPD-BODY-3")
OTHER = a_finding("other", profile(fields={"city": "Rome"}), refused(400), statement="UPD-BODY-4")


def test_the_smallest_example_tells_what_larger_ones_show_too() -> None:
    [told] = diagnose([MORE, PLAIN], [])

    assert (told.check, told.statement, told.also) == ("plain", "UPD-BODY-2", ("test/more",))
    assert [one.check for one in told.explains] == ["more"]


def test_what_a_request_that_held_has_in_common_brings_nothing_about() -> None:
    innocent = held(a_finding("held", profile(lastName="Lee")))

    assert len(diagnose([PLAIN, OTHER], [])) == 1
    assert len(diagnose([PLAIN, OTHER], [innocent])) == 2


def test_what_comes_and_goes_in_members_of_every_kind_is_one_bug_of_updating() -> None:
    lost = [
        a_finding("name", profile(firstName="Tom"), kept(FIRST), statement="UPD-BODY-2"),
        a_finding("city", profile(fields={"city": "Rome"}), kept(CITY), statement="UPD-BODY-4"),
        a_finding("extended", {"extendedFields": {"city": "Rome"}}, kept(EXTENDED), statement="UPD-USE-6"),
    ]

    [told] = diagnose(lost, [held(lost[0], FIRST)])

    assert told.statement == "UPD-USE-1"


def test_steadiness_explains_what_a_state_shows_and_nothing_else() -> None:
    unsteady = Mismatch(place="state", promised="", came="", kind=Kind.UNSTEADY)
    general = a_finding("reads-agree", {}, unsteady, statement="UPD-USE-1")
    lost = a_finding("name", profile(firstName="Tom"), kept(FIRST), statement="UPD-BODY-2")

    told = diagnose([lost, OTHER, general], [])

    assert [one.check for one in told] == ["reads-agree", "other"]


def test_a_fault_explains_the_difference_that_it_looks_like() -> None:
    lost = a_finding("name", profile(lastName="Lee"), kept(LAST), statement="UPD-BODY-3")
    empty = a_finding("empty", profile(lastName=""), kept(LAST))
    looks = [Finding(**{**_members_of(empty), "grade": Grade.DIFFERS, "question": "empty-text", "answer": "keep"})]

    assert [one.check for one in diagnose([*looks, lost], [])] == ["name"]
    assert [one.check for one in diagnose(looks, [])] == ["empty"]


def _members_of(finding: Finding) -> dict[str, Any]:
    return {name: getattr(finding, name) for name in Finding.__dataclass_fields__}


def _finding_of(number: int, member: str, kind: Kind) -> Finding:
    place = {"firstName": FIRST, "lastName": LAST}[member]
    wrong = Mismatch(place=f"state/{place}", promised="", came="", kind=kind)
    return a_finding(f"check-{number}", profile(**{member: "Tom"}), wrong, statement=f"UPD-BODY-{number % 3}")


@pytest.mark.parametrize(
    ("kept", "subject"),
    [
        (("primary", "verified"), ("channels",)),
        (("primary",), ("channels", "primary")),
        (("verified", "meta/residence"), ("channels", "verified")),
    ],
)
def test_a_channel_of_which_nothing_came_is_missing_itself(kept: tuple[str, ...], subject: tuple[str, ...]) -> None:
    channel = "state/profiles/INSTORE/commChannels/email:tom@example.com"
    wrong = tuple(Mismatch(place=f"{channel}/{one}", promised="", came="", kind=Kind.KEPT) for one in kept)
    finding = replace(a_finding("check", {}, wrong[0], statement="UPD-USE-7"), wrong=wrong)

    assert case_of(finding).main.subject == subject


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(["firstName", "lastName"]), st.sampled_from(list(Kind))),
        max_size=8,
    )
)
def test_all_that_was_found_is_told_and_nothing_twice(drawn: list[tuple[int, str, Kind]]) -> None:
    found = [_finding_of(*one) for one in drawn]

    told = diagnose(found, [])

    assert {who for one in told for who in _who(one)} == {f"test/{one.check}" for one in found}
    assert len({one.key for one in told}) == len(told)
    assert sum(one.seen for one in told) <= len(found)


def _who(finding: Finding) -> Iterator[str]:
    yield f"{finding.phase}/{finding.check}"
    yield from finding.also
