"""Laws of made-up values: nobody holds them, and nothing that a run writes could reach a stranger."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.customer import CustomerId
from mockserver.errors import ConfigurationError
from mockserver.messages import Request
from mockserver.verification.campaign import PhaseOf
from mockserver.verification.fiction import KINDS, Fiction, read_patterns
from mockserver.verification.model import model_phase
from mockserver.verification.schema import schema_phase
from mockserver.verification.state import State
from mockserver.verification.target import Leave
from tests.flawed.checking import PLACES, bench_with, golden_phase, run, statements_phase
from tests.flawed.deployment import Deployment, read_demo

_FREE_FOR_FICTION = re.compile(r"447700900[0-9]{3}|55501[0-9]{2}")
_LONG_NUMBER = re.compile(r"\+?[0-9]{4,15}")
_PHASES = (
    golden_phase(),
    statements_phase(),
    PhaseOf(name="schema", run=schema_phase),
    PhaseOf(name="model", run=model_phase),
)


def _state(*texts: str) -> State:
    return State(customer=1, flat={f"profiles/INSTORE/fields/f{at}": text for at, text in enumerate(texts)})


@given(st.integers(0, 50), st.integers(1, 20))
def test_a_word_is_never_one_that_the_target_holds(seed: int, count: int) -> None:
    would_be = Fiction(seed)
    words = [would_be.word() for _ in range(count)]
    fiction = Fiction(seed)
    fiction.avoid(_state(f"<{' '.join(words[1:])}>", words[0].upper()))

    assert not {fiction.word() for _ in range(20)} & set(words)


def test_a_word_is_no_part_of_a_name_that_the_target_holds() -> None:
    word = Fiction(1).word()
    fiction = Fiction(1)
    fiction.avoid(State(customer=1, flat={f"extendedFields/no_such_{word}": 1}))

    assert fiction.word() != word


@pytest.mark.parametrize("kind", [*KINDS, "local"])
def test_no_made_up_value_is_held_and_where_all_are_there_is_none(kind: str) -> None:
    fiction = Fiction(1, {"mobile": "44770090012{n:1}", "email": "qa{n:1}@example.com", "externalId": "x{n:1}"})
    made = set()
    while (value := fiction.value(kind)) is not None:
        assert value not in made
        made.add(value)
        fiction.avoid(_state(value))

    assert 8 <= len(made) <= 10


def test_the_same_seed_makes_up_the_same_values() -> None:
    one, other = Fiction(7), Fiction(7)

    assert [one.value(kind) for kind in KINDS] == [other.value(kind) for kind in KINDS]


@given(st.sampled_from(KINDS), st.integers(1, 9))
def test_a_pattern_says_how_values_look(kind: str, digits: int) -> None:
    patterns = {
        "mobile": f"+9199{{n:{digits}}}",
        "email": f"qa+{{n:{digits}}}@org.example.com",
        "externalId": "A-{n:3}",
    }

    value = Fiction(1, read_patterns([f"{name}={pattern}" for name, pattern in patterns.items()])).value(kind)

    told = re.escape(patterns[kind]).replace(r"\{n:", "{n:").replace(r"\}", "}")
    assert re.fullmatch(re.sub(r"\{n:([0-9]+)\}", r"[0-9]{\1}", told), value or "")


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ("phone=1{n:5}", "--value 'phone=1{n:5}' is no NAME=PATTERN; the names are mobile, email, externalId"),
        ("mobile", "--value 'mobile' is no NAME=PATTERN"),
        ("mobile=12", "makes '12', which is no mobile number"),
        ("mobile=abc{n:5}", "which is no mobile number"),
        ("email=qa{n:5}", "which is no e-mail address"),
        ("externalId=", "which is no externalId"),
        ("mobile=44{n:x}", "a brace begins {n:5}, five digits"),
        ("mobile=44{n:0}", "1 to 15 of them"),
        ("mobile=44{m:5}", "a brace begins {n:5}"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_the_cure(given_: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        read_patterns([given_])


def test_a_name_is_given_once() -> None:
    with pytest.raises(ConfigurationError, match="given twice"):
        read_patterns(["mobile=4477009{n:5}", "mobile=4477008{n:5}"])


class Overheard(Deployment):
    """A deployment that takes everything, also what must be refused, and remembers what it was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Request] = []

    def handle(self, request: Request):  # type: ignore[no-untyped-def]  # as the base class has it
        if request.method == "PUT":
            self.sent.append(request)
        return super().handle(request)


def _values_in(value: object) -> set[str]:
    """Return the texts by which somebody may be reached: values of channels and identifiers, at any depth."""
    if isinstance(value, list):
        return {text for item in value for text in _values_in(item)}
    if not isinstance(value, dict):
        return set()
    own = {value["value"]} if isinstance(value.get("value"), str) else set()
    return own | {text for inner in value.values() for text in _values_in(inner)}


def test_nothing_that_a_run_writes_to_a_deployment_could_reach_a_stranger() -> None:
    deployment = Overheard()
    named = {place.customer for place in PLACES}
    profiles = [profile for number in named for profile in read_demo().customers[CustomerId(number)].profiles]
    held = {channel.value for profile in profiles for channel in profile.channels}
    held |= {identifier.value for profile in profiles for identifier in profile.identifiers}

    list(run(bench_with(deployment, leave=Leave.IRREVERSIBLE, seed=1), _PHASES))

    bodies = [_read(request.body) for request in deployment.sent]
    reaching = {text for body in bodies for text in _values_in(body)} - held
    addresses = {text for text in reaching if "@" in text and "[" not in text}
    numbers = {text for text in reaching if _LONG_NUMBER.fullmatch(text)}
    assert {text.rpartition("@")[2] for text in addresses} == {"example.com"}
    assert numbers
    assert {text for text in numbers if not _FREE_FOR_FICTION.fullmatch(text)} == set()
    assert not any(text in request.body for request in deployment.sent for text in (b"9999000000", b"gmail.com"))


def _read(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:  # sent as no JSON, which is refused
        return None


def test_what_the_target_holds_is_claimed_by_nobody_the_value_of_a_channel_included() -> None:
    fiction = Fiction(1)
    state = {
        "profiles/INSTORE/commChannels/email:ravi@mail.example/primary": True,
        "profiles/INSTORE/firstName": "Ravi",
    }
    fiction.avoid(State(customer=1, flat=state))

    fiction.claim(["ravi@mail.example", "Ravi", "made up"])

    assert [*fiction.made] == ["made up"]
