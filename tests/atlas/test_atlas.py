"""Laws of the atlas: whole, true, and nothing in it could be left out."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from mockserver.atlas import AtlasEntry, Earned, find_entries, nearest_names, show_atlas
from mockserver.exchange import respond
from mockserver.files import bundled, read_dialect
from mockserver.messages import BODY_LIMIT, Request
from mockserver.values import replace
from mockserver.verification.checks import Unfit
from mockserver.verification.golden import GoldenExchange, check_of
from mockserver.verification.golden_files import read_golden_exchanges
from tests.atlas.earning import (
    ATLAS,
    EARNED,
    NOW,
    a_world,
    earns,
    has_code,
    name_of,
    send,
    setting_with,
    the_demo,
    the_dialects,
    with_query,
)
from tests.golden.running import PLACES, a_situation

GOLDEN = {golden.name: golden for golden in read_golden_exchanges([bundled("fixtures", "errors")])}
# What could be left out, and why it stands there all the same.
LARGER: Mapping[str, str] = {
    "8057-warning": "without a value it is an invalid channel only by our answer to channel-value-missing",
    "8058-warning": "without a value it is an invalid channel only by our answer to channel-value-missing",
}
earned_codes = pytest.mark.parametrize(("entry", "earned"), EARNED, ids=name_of)


def test_every_entry_of_the_catalogue_is_earned_or_says_why_not() -> None:
    both_or_none = [entry.name for entry in ATLAS if (entry.earned is None) != bool(entry.unearned)]

    assert both_or_none == []


def test_a_reason_is_one_sentence() -> None:
    reasons = [entry.unearned for entry in ATLAS if entry.unearned]

    assert [reason for reason in reasons if not reason.endswith(".") or ". " in reason] == []
    assert "" not in reasons


def test_the_atlas_has_every_code_that_any_answer_brings_and_no_other() -> None:
    dialects = the_dialects()
    documented = read_dialect(dialects)
    settings = [setting_with({})]
    settings += [setting_with({question: answer}) for question, answer in dialects.other_wire_answers(documented)]

    names = {entry.name for setting in settings for entry in setting.contract.catalogue.entries}

    assert {entry.name for entry in ATLAS} == names
    assert GOLDEN.keys() == {entry.name for entry, _ in EARNED}


@earned_codes
def test_an_exchange_of_the_atlas_earns_its_code_from_the_core(entry: AtlasEntry, earned: Earned) -> None:
    assert earns(entry, earned.request, earned)


@earned_codes
def test_an_earned_code_changes_nothing(entry: AtlasEntry, earned: Earned) -> None:
    world = a_world(earned.answers)
    before = tuple(world.state.moment().customers())

    send(earned.request, world)

    assert tuple(world.state.moment().customers()) == before


@pytest.mark.parametrize(
    ("entry", "earned"), [(entry, earned) for entry, earned in EARNED if earned.answers], ids=name_of
)
def test_without_its_answers_an_exchange_earns_another_code(entry: AtlasEntry, earned: Earned) -> None:
    assert not has_code(entry, send(earned.request, a_world({})))
    assert earned.ours == {question: setting_with({}).dialect[question] for question in earned.answers}


@earned_codes
def test_nothing_could_be_left_out_of_a_request(entry: AtlasEntry, earned: Earned) -> None:
    smaller = [one for one in smaller_requests(earned.request) if earns(entry, one, earned)]

    assert bool(smaller) == (entry.name in LARGER), smaller


def smaller_requests(request: Request) -> Iterator[Request]:
    """Give a request without each of its query parameters, headers, members of its body, and its body."""
    pairs = request.query.split("&") if request.query else []
    yield from (with_query(request, pairs[:index] + pairs[index + 1 :]) for index in range(len(pairs)))
    for name in request.headers:
        if name not in ("authorization", "content-type"):
            yield replace(request, headers={key: value for key, value in request.headers.items() if key != name})
    if request.body:
        bare = {name: value for name, value in request.headers.items() if name != "content-type"}
        yield replace(request, body=b"", headers=bare)
        yield from [replace(request, body=request.body[:-1])] if len(request.body) > BODY_LIMIT else []
        yield from (replace(request, body=json.dumps(body).encode()) for body in smaller_values(read(request.body)))


def read(body: bytes) -> Any:
    """Return the JSON value of a body, None where it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def smaller_values(value: Any) -> Iterator[Any]:
    """Give a JSON value without each of its members, however deep."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in parts:
        yield without(value, key)
        yield from (with_part(value, key, smaller) for smaller in smaller_values(inner))


def without(value: Any, key: Any) -> Any:
    if isinstance(value, dict):
        return {name: inner for name, inner in value.items() if name != key}
    return [inner for index, inner in enumerate(value) if index != key]


def with_part(value: Any, key: Any, part: Any) -> Any:
    if isinstance(value, dict):
        return {**value, key: part}
    return [part if index == key else inner for index, inner in enumerate(value)]


def test_the_members_that_are_left_out_are_all_of_them() -> None:
    smaller = list(smaller_values({"a": [{"b": 1}], "c": 2}))

    assert smaller == [{"c": 2}, {"a": [], "c": 2}, {"a": [{}], "c": 2}, {"a": [{"b": 1}]}]


@earned_codes
def test_what_the_atlas_sends_is_what_its_golden_exchange_sends(entry: AtlasEntry, earned: Earned) -> None:
    setting = setting_with(earned.answers)

    plan = check_of(GOLDEN[entry.name]).plan(a_situation(setting, the_demo()))

    assert isinstance(plan, tuple), plan
    [step] = plan
    own = {name: value for name, value in earned.request.headers.items() if name != "authorization"}
    assert (step.request, step.anonymous) == (replace(earned.request, headers=own), earned.is_anonymous)
    assert (step.expect.code, step.expect.warnings) == ((None, (entry.code,)) if entry.is_warning else (entry.code, ()))
    assert (step.expect.status, step.expect.changes) == (entry.status, {})


@pytest.mark.parametrize("golden", GOLDEN.values(), ids=lambda golden: golden.name)
def test_an_exchange_of_the_atlas_names_what_its_answer_rests_on(golden: GoldenExchange) -> None:
    [earned] = [earned for entry, earned in EARNED if entry.name == golden.name]
    request = earned.request
    sent = replace(request, body=b"", oversized=True) if len(request.body) > BODY_LIMIT else request
    reply = respond(setting_with(earned.answers), sent, load=the_demo().customers.get, now=NOW)
    named = {item.partition(" ")[2] for item in reply.basis.split("; ")}

    questions = set(golden.questions) - {"request-level-code"}  # of form, and 417 is the server's to judge
    assert questions | set(golden.statements) <= named
    assert golden.answers.keys() <= set(golden.questions)


def test_an_exchange_of_the_atlas_is_for_mocks_only_and_has_a_short_title() -> None:
    assert [golden.name for golden in GOLDEN.values() if golden.given != {"mock": True}] == []
    assert [golden.name for golden in GOLDEN.values() if len(golden.title) > 80] == []


def test_an_exchange_that_needs_another_answer_is_not_observed_and_says_which() -> None:
    plan = check_of(GOLDEN["8054"]).plan(a_situation(setting_with({}), the_demo(), PLACES[0]))

    assert plan == Unfit("8045 is the expected answer to account-missing; the exchange needs 8054")


@pytest.mark.parametrize("entry", ATLAS, ids=name_of)
def test_what_the_atlas_says_of_forcing_does_force(entry: AtlasEntry) -> None:
    forced = entry.forced
    world = a_world(forced.answers)
    answers = [send(forced.request, world)]
    if forced.customer is not None:
        path = forced.request.path.replace("171891944", str(forced.customer))
        bare = {name: value for name, value in forced.request.headers.items() if name != "prefer"}
        answers.append(send(replace(forced.request, path=path, headers=bare), world))

    assert all(has_code(entry, answer) for answer in answers)
    assert {answer.headers["X-Mock-Basis"] for answer in answers} == {f"forced {entry.name}"}


def test_a_code_finds_error_and_warning_and_a_name_one_of_them() -> None:
    assert [entry.name for entry in find_entries(ATLAS, "8057")] == ["8057-error", "8057-warning"]
    assert [entry.name for entry in find_entries(ATLAS, "8057-warning")] == ["8057-warning"]
    assert find_entries(ATLAS, "8017") == ()
    assert set(nearest_names(ATLAS, "8017")[:2]) == {"8016", "8018"}
    assert nearest_names(ATLAS, "8057-warnign")[0] == "8057"
    assert len(nearest_names(ATLAS, "nonsense")) == 5


def test_a_world_s_atlas_has_what_its_catalogue_has() -> None:
    ours, other = setting_with({}).contract.catalogue, setting_with({"program-unknown": "warn"}).contract.catalogue

    shown = show_atlas(ATLAS, ours)["errors"]

    assert [one["name"] for one in shown] == [entry.name for entry in ours.entries]
    assert all(one["earned"] is None or one["unearned"] == "" for one in shown)
    assert json.loads(json.dumps(shown)) == shown
    assert "1101-warning" in [one["name"] for one in show_atlas(ATLAS, other)["errors"]]
    [gone] = [one for one in shown if one["name"] == "8018"]
    assert gone["forced"] == {"prefer": "code=8018", "customer": 900008018, "answers": {}}
    assert gone["earned"]["request"]["body"] == '{"loyaltyInfo": {"loyaltyType": "non_loyalty"}}'
