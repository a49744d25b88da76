"""The law of writing: what is written is read back as the very same steps, whatever they hold."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.dialect import Dialect
from mockserver.domain.organisation import Organisation
from mockserver.domain.record import RecordProblem
from mockserver.messages import Request
from mockserver.strict_yaml import parse_yaml
from mockserver.verification.checks import Plan, Situation
from mockserver.verification.expectation import Expectation
from mockserver.verification.findings import Step
from mockserver.verification.golden import GoldenExchange, check_of
from mockserver.verification.golden_reading import read_golden
from mockserver.verification.golden_writing import write_golden
from mockserver.verification.state import State
from mockserver.verification.target import Leave, Place
from mockserver.verification.wrong_credentials import WRONG

PLACE = Place(customer=171891945, source="WECHAT", account="22232")
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["{word}", "{", "}}", "null", "yes", "1e3", "0777", "<<", "2024-01-01", "a: b", "#", " a ", "\u2028", "\ufeff"]
)
_NAMES = _TEXTS.filter(lambda name: not name.startswith("$"))
_NUMBERS = st.integers(-(2**64), 2**64) | st.floats(allow_nan=False, allow_infinity=False)
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)
_PATTERNS = (
    _VALUES
    | st.builds(lambda value: {"$one_of": [value]}, _VALUES)
    | st.sampled_from([{"$any": True}, {"$absent": True}, {"$type": "null"}, {"$like": "^[a-z]{2}$"}, {"$id": 5}])
)
_PATHS = st.builds("/".join, st.tuples(st.sampled_from(["profiles", "extendedFields", "programs"]), _NAMES))
_CODES = st.none() | st.integers(0, 99999) | st.lists(st.integers(0, 999), min_size=1, max_size=2).map(tuple)
_BODIES = (
    st.binary(max_size=20)
    | _VALUES.map(lambda value: json.dumps(value).encode())
    | _VALUES.map(lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
    | st.just({"loyaltyInfo": {"loyaltyType": "loyalty"}}).map(lambda value: json.dumps(value).encode())
    | st.sampled_from(
        [
            b"",
            b"NaN",
            b'{"a":1,"a":2}',
            b'"\\ud800"',
            b"[" * 100_000,
            b"[" * 300 + b"]" * 300,
            b'{"word": null}',
            b"1E400",
        ]
    )
)
_REQUESTS = st.builds(
    Request,
    method=st.sampled_from(["PUT", "GET", "DELETE"]),
    path=_TEXTS.map(lambda text: f"/{text}"),
    query=_TEXTS,
    headers=st.dictionaries(
        st.sampled_from(["content-type", "accept", "x-a"]), _TEXTS | st.just("application/json"), max_size=3
    ),
    body=_BODIES,
)
_EXPECTATIONS = st.builds(
    Expectation,
    status=_CODES,
    code=_CODES,
    warnings=st.lists(st.integers(0, 99999), max_size=2).map(tuple),
    body=st.none() | _PATTERNS,
    changes=st.none() | st.dictionaries(_PATHS, _PATTERNS.filter(lambda pattern: pattern is not None), max_size=3),
    agrees=st.booleans(),
    valid=st.booleans(),
)
_STEPS = st.lists(
    st.builds(
        Step,
        request=_REQUESTS,
        expect=_EXPECTATIONS,
        anonymous=st.booleans(),
        looks_at_programs=st.booleans(),
        fresh=st.booleans(),
        together=st.booleans(),
        after=st.floats(0, 60),
        credentials=st.sampled_from(["", *WRONG]),
    ),
    min_size=1,
    max_size=3,
)


def _read_back(text: str) -> GoldenExchange:
    record: Any = parse_yaml(text)
    golden = read_golden(record, "saved", statements={"UPD-LIM-3"}, questions={"loyalty-downgrade"})
    assert not isinstance(golden, RecordProblem), f"{golden}\n{text}"
    return golden


def _plan_of(golden: GoldenExchange) -> Plan:
    state = State(customer=PLACE.customer)
    return check_of(golden).plan(
        Situation(
            place=PLACE,
            state=state,
            states={PLACE: state},
            unknown=0,
            organisation=Organisation(),
            dialect=Dialect(name="none", answers={}, evidence={}),
            word="abcdefgh",
        )
    )


@given(_STEPS, _TEXTS)
def test_what_is_written_is_read_back_as_the_same_steps(steps: list[Step], came: str) -> None:
    text = write_golden("A law", steps, place=PLACE, leave=Leave.WRITES, came=came)

    golden = _read_back(text)

    assert _plan_of(golden) == tuple(steps), text
    assert (golden.came, golden.place) == (came, PLACE)


def test_a_finding_is_written_as_a_person_would_write_it() -> None:
    body = {"profiles": [{"firstName": "Zoë {x}"}]}
    step = Step(
        request=Request(
            method="PUT",
            path="/v2/customers/171891945",
            query="source=WECHAT&accountId=22232",
            headers={"content-type": "application/json"},
            body=json.dumps(body, ensure_ascii=False).encode(),
        ),
        expect=Expectation(status=400, code=8018, changes={"loyaltyType": {"$absent": True}}),
    )

    text = write_golden(
        "Loyalty stays", [step], place=PLACE, statements=["UPD-LIM-3"], questions=["loyalty-downgrade"], came="200"
    )

    assert text == (
        "title: Loyalty stays\n"
        "customer: 171891945@WECHAT:22232\n"
        "statements:\n- UPD-LIM-3\n"
        "questions:\n- loyalty-downgrade\n"
        "leave: writes\n"
        "came: '200'\n"
        "send:\n"
        "  method: PUT\n"
        "  path: /v2/customers/171891945\n"
        "  query: source=WECHAT&accountId=22232\n"
        "  body:\n"
        "    profiles:\n"
        "    - firstName: Zoë {{x}}\n"
        "expect:\n"
        "  status: 400\n"
        "  code: 8018\n"
        "  changes:\n"
        "    loyaltyType: null\n"
    )
