"""Laws of worlds as JSON lines: the same worlds as YAML gives, errors with their line, and progress that is told."""

import gc
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.cli_progress import ReadingShown
from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.record import Shared, read_customer, write_customer
from mockserver.errors import WorldError
from mockserver.files import Progress, World, find_world_files, read_world
from mockserver.json_lines import DEFAULT_HEAD, Head, read_customers
from tests.domain.test_record import ORGANISATION, customers

NOAH = {"id": 1, "loyaltyType": "loyalty", "profiles": [{"source": "INSTORE", "firstName": "Noah"}]}
HEAD = {"extends": "demo"}


def write(folder: Path, *records: object, name: str = "mine.jsonl") -> str:
    """Write records, or texts as they are, one a line."""
    path = folder / name
    lines = (record if isinstance(record, str) else json.dumps(record) for record in records)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(path)


def numbered(count: int) -> Iterable[dict[str, Any]]:
    return ({**NOAH, "id": number} for number in range(count))


def test_a_world_is_the_same_from_yaml_and_from_json_lines(tmp_path: Path, demo: World) -> None:
    path = write(tmp_path, HEAD, *map(write_customer, demo.customers.values()))

    world = read_world(path)

    assert (world.name, world.organisation) == ("mine", demo.organisation)
    assert world.customers == demo.customers
    assert list(world.customers) == list(demo.customers)
    assert [file.name for file in world.files] == ["mine.jsonl", "demo.yaml"]


@given(st.lists(customers, max_size=4, unique_by=lambda customer: customer.id), st.booleans())
def test_customers_written_as_lines_are_read_back(written: list[Customer], ascii_only: bool) -> None:
    lines = [json.dumps(write_customer(customer), ensure_ascii=ascii_only).encode() for customer in written]
    head = Head(record=DEFAULT_HEAD, line=1, stands=False)

    read = read_customers(lines, ORGANISATION, head=head, attribution=None, count=lambda _: None)

    assert read == {customer.id: customer for customer in written}


@given(st.lists(customers, max_size=4))
def test_nobody_can_tell_shared_parts_from_parts_of_their_own(written: list[Customer]) -> None:
    shared, records = Shared(), [write_customer(customer) for customer in written]

    read = [read_customer(record, ORGANISATION, shared=shared) for record in records * 2]

    assert repr(read) == repr([read_customer(record, ORGANISATION) for record in records] * 2)


@pytest.mark.parametrize("first", [True, 1, 1.0, "1"])
def test_equal_numbers_of_another_kind_are_kept_as_they_are(first: object) -> None:
    shared = Shared()

    kept = [shared.mapping({"a": value})["a"] for value in (first, True, 1, 1.0, "1")]

    assert [repr(value) for value in kept] == [repr(value) for value in (first, True, 1, 1.0, "1")]
    assert shared.mapping({"a": 1}) is shared.mapping({"a": 1})


def test_without_a_head_the_organisation_is_that_of_the_demo_world(tmp_path: Path, demo: World) -> None:
    world = read_world(write(tmp_path, NOAH))

    assert world.organisation == demo.organisation
    assert list(world.customers) == [1]
    assert world.customers[CustomerId(1)].attribution == demo.customers[CustomerId(171891944)].attribution


def test_a_head_says_what_differs_and_needs_no_other_world(tmp_path: Path) -> None:
    stamp = dict.fromkeys(("createDate", "modifiedDate"), "2024-01-01T00:00:00Z") | {
        "createdBy": "t",
        "modifiedBy": "u",
    }
    head = {"organisation": {"sources": {"INSTORE": {}}, "till": "shop9"}, "attribution": stamp}

    world = read_world(write(tmp_path, head, NOAH))

    assert (world.organisation.till, set(world.organisation.sources)) == ("shop9", {"INSTORE"})
    assert world.customers[CustomerId(1)].attribution.modified_by == "u"
    assert [file.name for file in world.files] == ["mine.jsonl"]


def test_a_head_alone_is_a_world_without_customers(tmp_path: Path) -> None:
    assert not read_world(write(tmp_path, HEAD)).customers


def test_a_yaml_world_may_extend_json_lines(tmp_path: Path) -> None:
    write(tmp_path, NOAH)
    path = tmp_path / "own.yaml"
    path.write_text("extends: mine.jsonl\norganisation: {till: shop9}\n", encoding="utf-8")

    world = read_world(str(path))

    assert (world.organisation.till, list(world.customers)) == ("shop9", [1])
    assert [file.name for file in world.files] == ["own.yaml", "mine.jsonl", "demo.yaml"]
    path.write_text("extends: mine.jsonl\ncustomers: []\n", encoding="utf-8")
    assert not read_world(str(path)).customers


@pytest.mark.parametrize("name", ["mine.jsonl", "mine.ndjson"])
def test_blank_lines_other_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(
        b"\xef\xbb\xbf\r\n\n" + json.dumps(NOAH).encode() + b"\r\n  \n" + b'{"id":2,"loyaltyType":"loyalty"}'
    )

    assert list(read_world(str(path)).customers) == [1, 2]


@pytest.mark.parametrize(
    ("records", "line", "said"),
    [
        pytest.param([HEAD, NOAH, "", NOAH], 4, "id: 1 stands twice; give each", id="a customer twice"),
        pytest.param([HEAD, {**NOAH, "loyalty": 1}], 2, "did you mean loyaltyType?", id="an unknown member"),
        pytest.param([{"loyaltyType": "loyalty"}], 1, "id is missing; add id", id="a first customer without its id"),
        pytest.param([NOAH, HEAD], 2, "'extends' is no member here", id="a head that is not first"),
        pytest.param([{"extnds": "demo"}, NOAH], 1, "did you mean extends?", id="an unknown member of the head"),
        pytest.param([{"customers": []}], 1, "a head has attribution, extends", id="customers in the head"),
        pytest.param([HEAD, "", "{"], 3, "is not JSON", id="no JSON"),
        pytest.param([HEAD, '{"id": 1, "id": 2}'], 2, 'has the key "id" twice', id="a key twice"),
        pytest.param([HEAD, '{"id": NaN}'], 2, "NaN is no number", id="no number"),
        pytest.param([HEAD, "[1]"], 2, "holds list, not an object", id="a list"),
        pytest.param(["[", NOAH, "]"], 1, "is not JSON", id="one list of all customers"),
        pytest.param([HEAD, {**NOAH, "id": "1"}], 2, "id: '1' is not of type integer", id="text for a number"),
        pytest.param([HEAD, {**NOAH, "profiles": [{"source": "X"}]}], 2, "profiles/0/source: ", id="a place within"),
        pytest.param([{"extends": 7}, NOAH], 1, "write text", id="an origin that is no name"),
        pytest.param(["", {"extends": "mine.jsonl"}], 2, "extends itself", id="a world that extends itself"),
        pytest.param(["", {"organisation": {}}], 2, "add sources", id="an organisation without sources"),
        pytest.param(["", {**HEAD, "attribution": {}}], 2, "attribution: createDate is missing", id="no attribution"),
        pytest.param(
            [{"organisation": {"sources": {"INSTORE": {}}}}, NOAH], 2, "attribution is missing", id="no stamp"
        ),
        pytest.param([], 1, "is empty; write one customer a line", id="an empty file"),
    ],
)
def test_a_broken_line_is_said_with_file_line_and_cure(
    tmp_path: Path, records: list[object], line: int, said: str
) -> None:
    path = write(tmp_path, *records)

    with pytest.raises(WorldError) as caught:
        read_world(path)

    message = str(caught.value)
    assert message.startswith(f"{path}:{line}: ")
    assert said in message


def test_bytes_that_are_no_utf_8_are_said_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_bytes(b'{"extends": "demo"}\n{"id": 1, "loyaltyType": "\xff"}\n')

    with pytest.raises(WorldError, match=r"mine\.jsonl:2: is not UTF-8 at byte 26; write one JSON object a line"):
        read_world(str(path))


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(WorldError, match=r"missing\.jsonl: cannot be read: No such file"):
        read_world("missing.jsonl")


def test_the_files_of_a_broken_world_are_followed(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD, "{")

    assert [file.name for file in find_world_files(path)] == ["mine.jsonl", "demo.yaml"]


def test_progress_is_told_at_the_start_now_and_then_and_at_the_end(tmp_path: Path) -> None:
    told: list[Progress] = []
    path = write(tmp_path, HEAD, *numbered(20_000))

    world = read_world(path, told.append)

    assert len(world.customers) == 20_000
    assert (told[0].customers, told[0].part, told[0].done) == (0, 0.0, False)
    assert told[-1] == Progress(Path(path), 20_000, 1.0, done=True)
    assert [progress.customers for progress in told[:-1]] == list(range(0, 20_001, 2_000))
    parts = [progress.part for progress in told]
    assert parts == sorted(parts)
    assert 0.4 < parts[5] < 0.6


def test_the_progress_of_yaml_is_not_told() -> None:
    read_world("demo", lambda progress: pytest.fail(f"told of {progress}"))


class Terminal(io.StringIO):
    """A text stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def shown_on(stream: io.StringIO, *moments: tuple[float, int], done: bool = True) -> str:
    """Tell a `ReadingShown` of so many customers of 1,000 at these seconds, and return what it wrote."""
    seconds = [moment for moment, _ in moments]
    with ReadingShown(stream, clock=iter(seconds).__next__) as shown:
        for index, (_, count) in enumerate(moments):
            last = done and index == len(moments) - 1
            shown.tell(Progress(Path("a/big.jsonl"), count, count / 1_000, done=last))
    return stream.getvalue()


def test_a_terminal_shows_one_line_that_changes_twice_a_second_at_most() -> None:
    text = shown_on(Terminal(), (5.0, 0), (5.2, 100), (5.5, 250), (5.9, 400), (6.2, 1_000))

    assert [line.rstrip(" ") for line in text.split("\r")] == [
        "",
        "reading big.jsonl: 0 customers (0 %)",
        "reading big.jsonl: 250 customers (25 %)",
        "read big.jsonl: 1,000 customers in 1.2 s\n",
    ]


def test_a_terminal_has_the_line_ended_where_reading_fails() -> None:
    assert shown_on(Terminal(), (0.0, 0), done=False).endswith("(0 %)\n")


def test_a_file_that_is_read_within_a_second_is_mentioned_on_a_terminal_only() -> None:
    assert not shown_on(io.StringIO(), (0.0, 0), (0.5, 500), (0.9, 1_000))
    assert "in 0.9 s" in shown_on(Terminal(), (0.0, 0), (0.5, 500), (0.9, 1_000))


def test_elsewhere_there_is_a_line_every_five_seconds() -> None:
    text = shown_on(io.StringIO(), (0.0, 0), (0.9, 90), (1.0, 100), (5.9, 590), (6.0, 600), (10.0, 1_000))

    assert text.splitlines() == [
        "reading big.jsonl: 100 customers (10 %)",
        "reading big.jsonl: 600 customers (60 %)",
        "read big.jsonl: 1,000 customers in 10.0 s",
    ]


def test_the_garbage_collector_has_no_customer_to_look_at(tmp_path: Path) -> None:
    customer = read_world(write(tmp_path, NOAH)).customers[CustomerId(1)]

    assert not gc.is_tracked(customer)
    assert not gc.is_tracked(customer.profiles[0])
