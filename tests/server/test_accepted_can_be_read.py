"""The law: what was accepted can be read, everywhere, as the value that it is; and what is refused can be explained."""

import json
import math
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.domain.record import write_customer
from mockserver.errors import WorldError
from mockserver.files import read_world
from mockserver.lossless_json import write_json
from mockserver.server.running import ServerThread
from tests.server.client import Answer, Client

ID = 171891944
_LIMITS = [
    "0",
    "-0",
    "-0.0",
    "25.0",
    "1e2",
    "0.1",
    "1e-7",
    "5e-324",
    "1e-400",
    "1.7976931348623157e308",
    "-1.7976931348623157e308",
    "1e400",
    "-1e400",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "18446744073709551616",
    "1000000000000000000000000000000",
    "0.1000000000000000055511151231257827",
    "12345678.12345678",
    "123456789012345678901234567890.5",
    "1E-5",
    "1.50",
    "100000000000000000000.0",
]
_DIGITS = st.from_regex(r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
NUMBERS = st.sampled_from([*_LIMITS, "1" + "0" * 400]) | _DIGITS
TEXTS = st.text(max_size=12) | st.sampled_from(["\x00", "\u2028", "\ufeff", "\U0001f600", "é" * 300, "', \"<&>\\"])


def _written(text: str) -> str:
    return json.dumps(text)


def _object(members: Sequence[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{_written(name)}:{value}" for name, value in members) + "}"


def _maps(values: st.SearchStrategy[str], most: int = 4) -> st.SearchStrategy[str]:
    return st.lists(st.tuples(TEXTS, values), max_size=most, unique_by=lambda pair: pair[0]).map(_object)


_SCALARS = NUMBERS | TEXTS.map(_written) | st.sampled_from(["true", "false", "null"])
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3).map(lambda items: "[" + ",".join(items) + "]") | _maps(inner),
    max_leaves=8,
)
_METAS = _maps(_VALUES) | st.integers(2, 50).map(lambda depth: '{"a":' * depth + "1" + "}" * depth)


def exact(text: str | bytes) -> Any:  # Any: JSON, fractions as they are written
    """Read JSON with every number as it is."""
    return json.loads(text, parse_float=Decimal)


def verify_all_can_be_read(client: Client, customer: int, source: str = "INSTORE") -> None:
    """Ask everything that shows a customer, or what was requested of it."""
    newest = exact(client.send("GET", "/_mock/requests?limit=1").body)["requests"]
    paths = [
        *(f"/v2/customers/{customer}?source={name}" for name in (source, "ALL")),
        f"/v2/customers/{customer}/loyaltyDetails",
        "/_mock/customers",
        f"/_mock/customers/{customer}",
        "/_mock/requests",
        *(f"/_mock/requests/{item['id']}" for item in newest),
        "/_mock/requests.har",
        "/_mock/events?after=x0&limit=1",
        "/_mock/snapshots",
        "/_mock/worlds",
    ]
    answers = {path: client.send("GET", path) for path in paths}
    assert {path: answer.status for path, answer in answers.items() if answer.status != 200} == {}
    for path, answer in answers.items():
        if "events" not in path:
            exact(answer.body)


def shown(client: Client, customer: int) -> Any:
    """Return the record of a customer, and see that the vendor's reads, a fork and a snapshot show the same."""
    record = exact(client.send("GET", f"/_mock/customers/{customer}").body)
    read = exact(client.send("GET", f"/v2/customers/{customer}?source=ALL").body)
    assert read["extendedFields"] == record["extendedFields"]
    metas = [[channel["meta"] for channel in profile["commChannels"]] for profile in record["profiles"]]
    assert [[channel["meta"] for channel in profile["commChannels"]] for profile in read["profiles"]] == metas
    assert client.send("POST", "/_mock/snapshots", json={"name": "s"}).status == 201
    assert client.send("POST", "/_mock/snapshots/s/restore").status == 204
    assert exact(client.send("GET", f"/_mock/customers/{customer}").body) == record
    return record


@given(meta=_METAS, name=TEXTS, value=TEXTS.filter(bool), height=_SCALARS, kids=NUMBERS)
@settings(max_examples=40)
@example(meta='{"x":1000000000000000000000000000000}', name="", value="v", height=_LIMITS[0], kids="1e30")
@example(meta="{}", name="Tom", value="v", height="1000000000000000000000000000000", kids="9223372036854775808")
@example(meta='{"x":0.1000000000000000055511151231257827,"y":1e-400}', name="Tom", value="v", height="1e-400", kids="1")
def test_what_an_update_was_granted_can_be_read(
    meta: str, name: str, value: str, height: str, kids: str, server: ServerThread
) -> None:
    client = _fresh(server)
    channel = f'{{"type":"line","value":{_written(value)},"meta":{meta}}}'
    profile = f'{{"firstName":{_written(name)},"commChannels":[{channel}]}}'
    body = f'{{"profiles":[{profile}],"extendedFields":{{"height":{height},"kids":{kids}}}}}'.encode()

    answer = client.send("PUT", f"/v2/customers/{ID}?source=INSTORE", body=body)

    assert answer.status in (200, 400), answer.body
    verify_all_can_be_read(client, ID)
    if answer.status == 200:
        record = shown(client, ID)
        assert _meta_of(record, value) == {key: item for key, item in exact(meta).items() if item is not None}
        _verify_number(record["extendedFields"], "height", height)
        _verify_number(record["extendedFields"], "kids", kids)
        again = client.send("PUT", f"/v2/customers/{ID}?source=INSTORE", body=body)
        assert again.status == 200
        assert shown(client, ID)["extendedFields"] == record["extendedFields"]


def _meta_of(record: Any, value: str) -> Any:
    channels = record["profiles"][0]["commChannels"]
    return next((item["meta"] for item in channels if (item["type"], item["value"]) == ("line", value)), {})


def _verify_number(fields: Any, name: str, sent: str) -> None:
    """A number that is kept is the one that was sent."""
    if name in fields and not isinstance(exact(sent), str | bool | None):
        assert fields[name] == exact(sent)


@given(meta=_METAS, height=NUMBERS, points=NUMBERS, number=st.integers(0, 2**63))
@settings(max_examples=40)
@example(meta="{}", height="1000000000000000000000000000000", points="1" + "0" * 400, number=55)
@example(meta="{}", height="1", points="9223372036854775807", number=55)
def test_a_customer_that_was_put_can_be_read(
    meta: str, height: str, points: str, number: int, server: ServerThread
) -> None:
    client = _fresh(server)
    record = (
        f'{{"loyaltyType":"non_loyalty","profiles":[{{"source":"INSTORE","commChannels":[{{"type":"line","value":"v",'
        f'"meta":{meta}}}]}}],"extendedFields":{{"height":{height}}},"loyaltyProgramEnrollments":'
        f'[{{"programId":699,"tierNumber":1,"loyaltyPoints":{points}}}]}}'
    )

    answer = client.send("PUT", f"/_mock/customers/{number}", body=record.encode())

    if answer.status == 200:
        kept = shown(client, number)
        assert _meta_of(kept, "v") == exact(meta)
        assert kept["extendedFields"] == {"height": exact(height)}
        awarded = client.update(number, {"loyaltyInfo": {"loyaltyType": "loyalty"}})  # 25 points
        assert awarded.status == 200
        details = exact(client.send("GET", f"/v2/customers/{number}/loyaltyDetails").body)
        assert details["data"][0]["loyaltyPoints"] == exact(points) + 25
        verify_all_can_be_read(client, number)
    else:
        _verify_refusal(answer)


@given(program=NUMBERS, points=NUMBERS, identifier=NUMBERS)
@settings(max_examples=40)
@example(program="699", points="1" + "0" * 400, identifier="1")
@example(program="699.0000000000000000001", points="0.1000000000000000000000000001", identifier="1e400")
def test_whatever_came_of_an_update_can_be_explained(
    program: str, points: str, identifier: str, server: ServerThread
) -> None:
    client = _fresh(server)
    enrolment = f'{{"programId":{program},"loyaltyPoints":{points}}}'
    profile = f'{{"identifiers":[{{"type":"mobile","value":{identifier}}}]}}'
    body = f'{{"profiles":[{profile}],"loyaltyProgramEnrollments":[{enrolment}]}}'.encode()

    answer = client.send("PUT", f"/v2/customers/{ID}?source=INSTORE", body=body)

    assert answer.status in (200, 400), answer.body
    verify_all_can_be_read(client, ID)


def _verify_refusal(answer: Answer) -> None:
    """A record that cannot be kept is refused with its place and a cure."""
    assert answer.status == 400
    message = answer.json["errors"][0]["message"]
    assert message.startswith("body"), message
    assert ";" in message or "number" in message, message


def _fresh(server: ServerThread) -> Client:
    """Return a client of a world of these tests, which begins anew."""
    Client(server.url).send("POST", "/_mock/worlds", json={"name": "accepted"})  # 409 from the second time on
    client = Client(f"{server.url}/_mock/w/accepted")
    assert client.send("POST", "/_mock/reset").status == 204
    return client


_WORLD = (
    "extends: demo\n"
    "customers:\n"
    "  - id: 5\n"
    "    loyaltyType: non_loyalty\n"
    "    profiles: [{source: INSTORE, commChannels: [{type: line, value: v, meta: {x: VALUE}}]}]\n"
)


@pytest.mark.parametrize("written", [".inf", "-.inf", ".nan", "1.0e+400", "!!binary aGk=", "[" * 70 + "]" * 70])
def test_a_world_file_says_no_more_than_json_can(written: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(_WORLD.replace("VALUE", written), encoding="utf-8")

    with pytest.raises(WorldError) as refused:
        read_world(str(path))

    assert str(refused.value).startswith(f"{path}:")
    assert "; " in str(refused.value)


@given(value=_VALUES.filter(lambda text: text.count("[") + text.count("{") < 40))
@settings(max_examples=40)
def test_what_a_file_of_json_lines_says_is_what_is_written(
    value: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("worlds") / "many.jsonl"
    meta = f'{{"x":{value}}}'
    channel = f'{{"type":"line","value":"v","meta":{meta}}}'
    line = f'{{"id":5,"loyaltyType":"loyalty","profiles":[{{"source":"INSTORE","commChannels":[{channel}]}}]}}'
    path.write_text(line, encoding="utf-8")

    if not is_in_range(exact(value)):
        with pytest.raises(WorldError, match="number"):
            read_world(str(path))
        return
    (customer,) = read_world(str(path)).customers.values()
    assert _meta_of(exact(write_json(write_customer(customer))), "v") == exact(meta)


def is_in_range(value: Any) -> bool:  # Any: JSON
    """Tell whether no number of a value is beyond the largest double."""
    if isinstance(value, Decimal):
        return math.isfinite(float(value))
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(map(is_in_range, inner))
