"""Laws of fault rules: what they meet, how they are counted and drawn, and which records are none."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.record import RecordProblem
from mockserver.exchange import Setting
from mockserver.messages import Request, Response
from mockserver.server.disturbing import distort, piece_size
from mockserver.server.fault_reading import read_rule
from mockserver.server.fault_rules import (
    MOST_MILLISECONDS,
    MOST_RULES,
    Answer,
    Delay,
    Dribble,
    FaultRule,
    Garble,
    Reset,
    Throttle,
    read_facts,
)
from mockserver.server.fault_shapes import LIMITS, PRESETS, PRESETS_IN_WORDS
from mockserver.server.faults import Disturbance, Faults
from mockserver.server.held_rules import HeldRule
from mockserver.server.resends import MOST_REMEMBERED
from mockserver.values import replace

CLOSE: Mapping[str, Any] = {"do": {"close": {}}}
CREDENTIALS = {"authorization": "Basic dGVzdA=="}
UPDATE = Request(method="PUT", path="/v2/customers/171891944", headers=CREDENTIALS)
READ = Request(method="GET", path="/v2/customers/171891944", headers=CREDENTIALS)
OTHER = Request(method="PUT", path="/v2/customers/171891945", headers={**CREDENTIALS, "x-try": "2"})
UNKNOWN = Request(method="GET", path="/v3/nothing", headers=CREDENTIALS)


@dataclass(slots=True)
class Bench:
    """Rules under a clock that stands still until a test moves it."""

    setting: Setting
    now: float = 1000.0
    faults: Faults = field(init=False)

    def __post_init__(self) -> None:
        self.faults = Faults(monotonic=lambda: self.now)

    def set(self, record: Mapping[str, Any]) -> HeldRule:
        held = self.faults.add(record, self.setting)
        assert isinstance(held, HeldRule), held
        return held

    def meet(self, request: Request = UPDATE, client: str = "127.0.0.1") -> Disturbance | None:
        return self.faults.meet(read_facts(self.setting, request, client))

    def by(self, request: Request = UPDATE) -> str:
        """Return the id of the rule whose effect a request has, empty where it has none."""
        disturbance = self.meet(request)
        return "" if disturbance is None else disturbance.by


@pytest.fixture
def bench(setting: Setting) -> Bench:
    return Bench(setting)


@pytest.mark.parametrize(
    ("match", "met"),
    [
        ({}, [UPDATE, READ, OTHER, UNKNOWN]),
        ({"operation": "updateCustomer"}, [UPDATE, OTHER]),
        ({"customer": 171891944}, [UPDATE, READ]),
        ({"customer": 171891944, "operation": "getCustomer"}, [READ]),
        ({"header": "X-Try"}, [OTHER]),
        ({"header": {"X-Try": "2"}}, [OTHER]),
        ({"header": {"X-Try": "3"}}, []),
        ({"header": {"X-Try": "2", "Authorization": "Basic dGVzdA=="}}, [OTHER]),
        ({"nth": 2}, [READ]),
        ({"nth": [1, 4]}, [UPDATE, UNKNOWN]),
        ({"nth": 2, "operation": "updateCustomer"}, [OTHER]),
    ],
)
def test_a_rule_meets_the_requests_that_match_all_it_names(
    bench: Bench, match: Mapping[str, Any], met: list[Request]
) -> None:
    bench.set({"match": match, **CLOSE})

    assert [request for request in (UPDATE, READ, OTHER, UNKNOWN) if bench.meet(request)] == met


def test_a_rule_applies_as_often_as_it_may_and_is_spent_then(bench: Bench) -> None:
    held = bench.set({"times": 2, **CLOSE})

    assert [bench.by() for _ in range(4)] == ["f1", "f1", "", ""]
    assert (held.applied, held.matched) == (2, 2)
    assert bench.faults.show(held)["spent"] is True
    assert not bench.faults


def test_a_rule_lives_as_long_as_it_may(bench: Bench) -> None:
    held = bench.set({"ttl": "30s", **CLOSE})

    bench.now += 29.5
    assert bench.by() == "f1"
    assert bench.faults.show(held)["secondsLeft"] == 0.5
    bench.now += 0.5
    assert bench.by() == ""
    assert bench.faults.show(held)["spent"] is True


def test_a_rule_that_is_switched_off_neither_applies_nor_counts(bench: Bench) -> None:
    held = bench.set({"enabled": False, "match": {"nth": 1}, **CLOSE})
    assert not bench.faults
    assert bench.by() == ""

    held.enabled = True

    assert bench.by() == "f1"
    assert held.matched == 1


def test_of_several_rules_the_first_wins_and_the_others_keep_their_times(bench: Bench) -> None:
    for code in (521, 8018, 8045):
        bench.set({"do": {"answer": {"code": code}}, "times": 1})

    assert [bench.by() for _ in range(4)] == ["f1", "f2", "f3", ""]


def test_the_nth_request_is_counted_whatever_other_rules_do(bench: Bench) -> None:
    bench.set({"times": 1, **CLOSE})
    bench.set({"match": {"nth": 2}, "do": {"reset": {}}})

    assert [bench.by() for _ in range(3)] == ["f1", "f2", ""]


def test_delays_add_up_with_each_other_and_with_the_first_effect(bench: Bench) -> None:
    bench.set({"do": {"delay": {"milliseconds": 300}}})
    bench.set({"do": {"reset": {}}})
    bench.set({"do": {"delay": {"uniform": [5, 5]}}})
    bench.set({"do": {"close": {}}})

    disturbance = bench.meet()

    assert disturbance is not None
    assert (disturbance.milliseconds, disturbance.effect, disturbance.by) == (305, Reset(), "f2")
    assert [line["id"] for line in disturbance.applied] == ["f1", "f2", "f3"]


def test_all_delays_of_a_request_together_are_bounded(bench: Bench) -> None:
    for _ in range(3):
        bench.set({"do": {"delay": {"milliseconds": MOST_MILLISECONDS}}})

    disturbance = bench.meet()

    assert disturbance is not None
    assert disturbance.milliseconds == MOST_MILLISECONDS


@pytest.mark.parametrize(
    "request_", [READ, UNKNOWN, Request(method="PUT", path=UPDATE.path), Request(method="PATCH", path=UPDATE.path)]
)
def test_an_answer_waits_for_a_request_that_may_have_it(bench: Bench, request_: Request) -> None:
    held = bench.set({"do": {"answer": {"code": 8018}}, "times": 1})

    assert bench.by(request_) == ""
    assert held.matched == 0
    assert bench.by(UPDATE) == "f1"


RULES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "do": st.sampled_from(
            [
                {"reset": {}},
                {"delay": {"uniform": [0, 500]}},
                {"answer": {"code": 521}},
                {"throttle": {"perMinute": 2}},
                {"truncate": {"bytes": 3}},
            ]
        ),
        "probability": st.sampled_from([0, 0.2, 0.5, 1]),
        "seed": st.integers(0, 5),
    },
    optional={"times": st.integers(1, 3), "match": st.sampled_from([{"operation": "updateCustomer"}, {"nth": [1, 3]}])},
)
ARRIVALS = st.lists(st.tuples(st.sampled_from([UPDATE, READ, OTHER, UNKNOWN]), st.integers(0, 40)), max_size=25)


def play(
    setting: Setting, rules: list[dict[str, Any]], arrivals: list[tuple[Request, int]]
) -> list[Disturbance | None]:
    bench = Bench(setting)
    for rule in rules:
        bench.set(rule)
    disturbances = []
    for request, seconds in arrivals:
        bench.now += seconds
        disturbances.append(bench.meet(request))
    return disturbances


@given(rules=st.lists(RULES, max_size=4), arrivals=ARRIVALS)
def test_the_same_seed_and_requests_give_the_same_faults(
    setting: Setting, rules: list[dict[str, Any]], arrivals: list[tuple[Request, int]]
) -> None:
    assert play(setting, rules, arrivals) == play(setting, rules, arrivals)


@given(rule=RULES, before=RULES, requests=st.lists(st.sampled_from([UPDATE, READ, OTHER]), max_size=20))
def test_what_a_rule_draws_does_not_depend_on_other_rules(
    setting: Setting, rule: dict[str, Any], before: dict[str, Any], requests: list[Request]
) -> None:
    """A delay applies whenever it is drawn; so it shows its draws beside whatever other rule."""
    rule = {**rule, "do": {"delay": {"uniform": [0, 500]}}}
    arrivals = [(request, 1) for request in requests]

    alone = delays_of(play(setting, [rule], arrivals), "f1")
    beside = delays_of(play(setting, [before, rule], arrivals), "f2")

    assert alone == beside


def delays_of(disturbances: list[Disturbance | None], rule_id: str) -> list[list[int]]:
    return [
        [line["milliseconds"] for line in met.applied if line["id"] == rule_id] if met else [] for met in disturbances
    ]


@pytest.mark.parametrize(("probability", "applied"), [(0, 0), (1, 40)])
def test_a_probability_of_0_is_never_and_of_1_is_always(bench: Bench, probability: int, applied: int) -> None:
    held = bench.set({"probability": probability, **CLOSE})

    for _ in range(40):
        bench.meet()

    assert (held.matched, held.applied) == (40, applied)


def test_another_seed_gives_other_faults_about_as_often(bench: Bench) -> None:
    drawn = []
    for seed in (1, 2):
        held = bench.set({"probability": 0.5, "seed": seed, **CLOSE})
        drawn.append([bench.by() for _ in range(200)])
        assert held.applied == 100
        bench.faults.delete(held.id)

    assert drawn[0] != drawn[1]


def test_a_flaky_connection_breaks_early_and_twice_in_every_ten(bench: Bench) -> None:
    bench.set({"preset": "flaky"})
    broken = [bench.by() != "" for _ in range(100)]

    assert [sum(broken[start : start + 10]) for start in range(0, 100, 10)] == [2] * 10


def test_a_request_that_comes_again_is_met_again_where_a_rule_persists(bench: Bench) -> None:
    held = bench.set({"persist": True, "times": 1, **CLOSE})

    assert [bench.by(request) for request in (UPDATE, UPDATE, OTHER, UPDATE)] == ["f1", "f1", "", "f1"]
    assert bench.faults
    assert bench.faults.show(held).items() >= {"applied": 1, "matched": 1, "resends": 2, "spent": True}.items()
    bench.now += 4.9
    assert bench.by() == "f1"
    bench.now += 0.1
    assert (bench.by(), bool(bench.faults)) == ("", False)


def test_a_resend_says_so_in_its_line(bench: Bench) -> None:
    bench.set({"persist": True, "times": 1, "do": {"delay": {"uniform": [0, 60_000]}}})
    first, second = bench.meet(), bench.meet()

    assert first is not None
    assert second is not None
    assert second.milliseconds == first.milliseconds
    assert second.applied == ({**first.applied[0], "resend": True},)


@pytest.mark.parametrize(
    ("other", "is_the_same"),
    [
        (replace(UPDATE), True),
        (replace(UPDATE, headers={"connection": "keep-alive", **CREDENTIALS}), True),
        (replace(UPDATE, headers={**CREDENTIALS, "x-try": "2"}), False),
        (replace(UPDATE, method="GET"), False),
        (replace(UPDATE, path=OTHER.path), False),
        (replace(UPDATE, query="source=INSTORE"), False),
        (replace(UPDATE, body=b"{}"), False),
    ],
)
def test_a_resend_is_the_same_request(bench: Bench, other: Request, is_the_same: bool) -> None:
    bench.set({"persist": True, "times": 1, **CLOSE})
    bench.meet()

    assert (bench.meet(other) is not None) is is_the_same


def test_another_client_sends_no_resend(bench: Bench) -> None:
    bench.set({"persist": True, "times": 1, **CLOSE})

    assert bench.meet(client="127.0.0.1") is not None
    assert bench.meet(client="127.0.0.2") is None


def test_a_rule_that_is_switched_off_or_removed_meets_no_resend(bench: Bench) -> None:
    held = bench.set({"persist": True, "times": 1, **CLOSE})
    bench.meet()

    held.enabled = False
    assert bench.by() == ""
    held.enabled = True
    assert bench.by() == "f1"
    bench.faults.delete("f1")
    assert bench.by() == ""


@given(
    often=st.sampled_from([{"match": {"nth": [2, 3, 7]}}, {"probability": 0.3, "seed": 4}, {"times": 2}, {}]),
    sent=st.lists(st.integers(0, 3), min_size=1, max_size=30),
)
def test_resends_use_up_neither_times_nor_nth_nor_draws(
    setting: Setting, often: dict[str, Any], sent: list[int]
) -> None:
    """Each request is sent again, so many times, when it was met: what comes of the requests is what came without."""
    plainly, again = Bench(setting), Bench(setting)
    plainly.set({**often, **CLOSE})
    again.set({**often, **CLOSE, "persist": True})
    for number, times in enumerate(sent):
        request = replace(UPDATE, query=f"try={number}")
        met = again.by(request)
        assert met == plainly.by(request)
        assert [again.by(request) for _ in range(times if met else 0)] == ["f1"] * (times if met else 0)


def test_a_rule_remembers_so_many_requests_at_most(bench: Bench) -> None:
    bench.set({"persist": True, "times": MOST_REMEMBERED + 1, **CLOSE})
    sent = [replace(UPDATE, query=f"try={number}") for number in range(MOST_REMEMBERED + 1)]
    for request in sent:
        bench.meet(request)

    assert [bench.by(request) for request in (sent[0], sent[1], sent[-1])] == ["", "f1", "f1"]


@given(gaps=st.lists(st.integers(0, 45), min_size=1, max_size=40), per_minute=st.integers(1, 5))
def test_a_throttle_lets_so_many_pass_in_any_minute_and_says_truly_when_there_is_room(
    setting: Setting, gaps: list[int], per_minute: int
) -> None:
    bench = Bench(setting)
    bench.set({"do": {"throttle": {"perMinute": per_minute}}})
    passed: list[float] = []
    for gap in gaps:
        bench.now += gap
        disturbance = bench.meet()
        recent = [moment for moment in passed if moment > bench.now - 60]
        assert (disturbance is None) == (len(recent) < per_minute)
        if disturbance is None:
            passed.append(bench.now)
            continue
        assert isinstance(disturbance.effect, Answer)
        seconds = disturbance.effect.retry_after
        assert seconds is not None
        assert bench.now + seconds == recent[0] + 60


def test_the_vendors_limits_are_those_of_its_pages() -> None:
    assert LIMITS == {"asia-1": 600, "asia-2": 1000, "demo": 100, "emea": 50, "testing": 100}


@pytest.mark.parametrize(
    ("record", "effect", "probability"),
    [
        ({"preset": "maintenance"}, Answer(kind="code", named="503"), 1),
        ({"preset": "slow"}, Delay(least=200, most=1500), 1),
        ({"preset": "flaky"}, Reset(), 0.2),
        ({"preset": "flaky", "probability": 0.9}, Reset(), 0.9),
        ({"preset": "throttled"}, Throttle(per_minute=50), 1),
        ({"preset": "throttled", "perMinute": 3}, Throttle(per_minute=3), 1),
        ({"preset": "expired-credentials"}, Answer(kind="code", named="401"), 1),
        ({"do": {"throttle": {"preset": "asia-2"}}}, Throttle(per_minute=1000), 1),
    ],
)
def test_a_preset_is_a_rule_that_may_be_changed(
    setting: Setting, record: dict[str, Any], effect: object, probability: float
) -> None:
    rule = read_rule({**record, "times": 3, "match": {"customer": 1}}, setting)

    assert isinstance(rule, FaultRule)
    assert (rule.effect, rule.probability, rule.times, rule.match.customer) == (effect, probability, 3, 1)


def test_every_preset_can_be_read_and_is_told_in_words(setting: Setting) -> None:
    assert set(PRESETS) == set(PRESETS_IN_WORDS)
    assert all(isinstance(read_rule({"preset": name}, setting), FaultRule) for name in PRESETS)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ([], "the record: [] is not of type object; write a value of type object"),
        ({}, "the record: has neither or both of do and preset; send one of them"),
        ({"preset": "slow", **CLOSE}, "the record: has neither or both of do and preset"),
        ({"preset": "mantenance"}, "preset: 'mantenance' is no preset; did you mean maintenance?"),
        ({"preset": "slow", "perMinute": 3}, "perMinute: goes with the preset throttled only"),
        ({"preset": "throttled", "perMinute": 0}, "do/throttle/perMinute: 0 is out of range; send a number from 1"),
        ({"tims": 1, **CLOSE}, "tims: 'tims' is no member here; did you mean times?"),
        ({"do": {}}, "do: has 0 members; send exactly one of delay, answer, throttle"),
        ({"do": {"reset": {}, "close": {}}}, "do: has 2 members; send exactly one of"),
        ({"do": {"rest": {}}}, "do/rest: 'rest' is no member here; did you mean reset?"),
        ({"do": {"reset": {"hard": True}}}, "do/reset/hard: 'hard' is no member here; there are none"),
        ({"do": {"answer": {"code": 8019}}}, "do/answer/code: 8019 is no answer of any operation; the nearest are 80"),
        ({"do": {"answer": {"example": "8057-warnin"}}}, "the nearest are 8057-warning"),
        ({"do": {"answer": {}}}, "do/answer: has 0 members; send exactly one of code, example"),
        (
            {"match": {"operation": "getCustomer"}, "do": {"answer": {"code": 8018}}},
            "do/answer/code: 8018 is no answer of getCustomer; the nearest are 80",
        ),
        ({"do": {"delay": {"milliseconds": 60_001}}}, "do/delay/milliseconds: 60001 is out of range; send a number"),
        ({"do": {"delay": {"milliseconds": -1}}}, "do/delay/milliseconds: -1 is out of range; send a number from 0"),
        ({"do": {"delay": {"milliseconds": "300"}}}, "do/delay/milliseconds: '300' is not of type integer"),
        ({"do": {"delay": {"uniform": [5, 1]}}}, "do/delay/uniform: [5, 1] is no range of milliseconds; send two"),
        ({"do": {"delay": {"uniform": [1]}}}, "do/delay/uniform: [1] is no range of milliseconds"),
        ({"do": {"delay": {}}}, "do/delay: has 0 members; send exactly one of milliseconds, uniform"),
        ({"do": {"throttle": {"preset": "emae"}}}, "do/throttle/preset: emae is no limit; there are asia-1 (600 a min"),
        ({"do": {"truncate": {}}}, "do/truncate: bytes is missing; add bytes"),
        ({"do": {"dribble": {"bytes": 0, "milliseconds": 1}}}, "do/dribble/bytes: 0 is out of range"),
        ({"do": {"drop": "during"}}, "do/drop: 'during' is not allowed; write one of after, before"),
        ({"do": {"contentType": "text\r\nX-Evil: 1"}}, "is no media type; send one such as text/html"),
        ({"match": {"operation": "updateCustomr"}, **CLOSE}, "updateCustomr is no operation; did you mean updateCust"),
        ({"match": {"customer": "1"}, **CLOSE}, "match/customer: '1' is not of type integer"),
        ({"match": {"header": {"X-Try": 2}}, **CLOSE}, "match/header: is not made of names and values in text; send"),
        ({"match": {"header": ""}, **CLOSE}, "match/header: is not made of names and values in text; send"),
        ({"match": {"header": {"X Try": "2"}}, **CLOSE}, "match/header: is not made of names and values in text; send"),
        ({"match": {"nth": 0}, **CLOSE}, "match/nth: 0 is no count; send a whole number from 1 to 1000000"),
        ({"match": {"nth": []}, **CLOSE}, "match/nth: [] is no count"),
        ({"times": 0, **CLOSE}, "times: 0 is out of range; send a number from 1 to 1000000"),
        ({"ttl": "soon", **CLOSE}, "ttl: soon is no duration; send a number and ms, s, m, h or d, such as 30s"),
        ({"probability": 1.5, **CLOSE}, "probability: 1.5 is out of range; send a number from 0 to 1"),
        ({"probability": True, **CLOSE}, "probability: true is not of type number"),
        ({"persist": 1, **CLOSE}, "persist: 1 is not of type boolean"),
        ({"preset": "throttled", "persist": True}, "persist: True is of no use beside throttle, which counts every"),
        ({"seed": "a", **CLOSE}, "seed: 'a' is not of type integer"),
        ({"name": "", **CLOSE}, "name:  is no name of 1 to 64 characters"),
    ],
)
def test_a_record_that_is_no_rule_is_refused_with_the_place_and_the_cure(
    setting: Setting, record: Any, said: str
) -> None:
    problem = read_rule(record, setting)

    assert isinstance(problem, RecordProblem)
    assert said in str(problem)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
MEMBERS = ["do", "match", "times", "ttl", "probability", "seed", "name", "enabled", "persist", "preset", "perMinute"]
DOINGS = ["delay", "answer", "throttle", "truncate", "dribble", "contentType", "drop", "reset"]
INNER = ["milliseconds", "uniform", "code", "example", "perMinute", "preset", "bytes", "operation", "header", "nth"]
NEARLY = st.dictionaries(
    st.sampled_from(MEMBERS),
    JSON | st.dictionaries(st.sampled_from([*DOINGS, *INNER]), JSON | st.dictionaries(st.sampled_from(INNER), JSON)),
    max_size=4,
)


@given(record=JSON | NEARLY)
def test_any_json_is_a_rule_or_has_a_problem(setting: Setting, record: Any) -> None:
    assert isinstance(read_rule(record, setting), FaultRule | RecordProblem)


def test_there_are_so_many_rules_at_most_and_spent_ones_make_room(bench: Bench) -> None:
    first = bench.set({"times": 1, **CLOSE})
    for _ in range(MOST_RULES - 1):
        bench.set({"match": {"customer": 1}, **CLOSE})
    refused = bench.faults.add(CLOSE, bench.setting)

    assert isinstance(refused, RecordProblem)
    assert bench.by() == first.id
    assert bench.set(CLOSE).id == "f101"
    assert len(list(bench.faults)) == MOST_RULES
    assert bench.faults.find(first.id) is None


def test_removed_rules_are_gone(bench: Bench) -> None:
    bench.set(CLOSE)
    bench.set(CLOSE)

    assert bench.faults.delete("f1")
    assert not bench.faults.delete("f1")
    assert bench.by() == "f2"
    bench.faults.clear()
    assert not bench.faults
    assert bench.meet() is None


@given(value=JSON)
def test_what_is_garbled_is_never_json(value: Any) -> None:
    garbled = distort(Response(status=200, body=json.dumps(value).encode()), Garble()).body

    with pytest.raises(ValueError, match=r".*"):
        json.loads(garbled)


@given(length=st.integers(1, 2**21), size=st.integers(1, 2**20), milliseconds=st.integers(0, MOST_MILLISECONDS))
def test_a_dribble_takes_a_minute_at_most(length: int, size: int, milliseconds: int) -> None:
    piece = piece_size(length, Dribble(size=size, milliseconds=milliseconds))
    pauses = -(-length // piece) - 1

    assert pauses * milliseconds <= MOST_MILLISECONDS
    assert piece >= size


def test_a_credential_that_a_rule_matches_on_is_not_shown(bench: Bench) -> None:
    held = bench.set({**CLOSE, "match": {"header": {"Authorization": "Basic dGVzdA==", "X-Try": "2"}}})

    assert bench.faults.show(held)["match"] == {"header": {"Authorization": "[hidden]", "X-Try": "2"}}
    assert bench.by(OTHER) == held.id, "it is matched on all the same"
