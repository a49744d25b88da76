"""Laws of strict reading: how an answer is written is judged, and the rest of it is judged all the same."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import pytest

from mockserver.exchange import Reply
from mockserver.messages import Request, Response
from mockserver.verification.exchanges import Exchange, read_body
from mockserver.verification.expectation import ABSENT
from mockserver.verification.failures import CutError
from mockserver.verification.strictness import flaws_of_bytes
from mockserver.verification.transport import HttpTransport
from mockserver.verification.wire import Received, Wire
from tests.flawed.deployment import Deployment, Twist
from tests.flawed.serving import serve
from tests.flawed.wire import chunked, framed

_JSON = {"Content-Type": "application/json"}
_BODY = b'{"createdId":1}'
_READ = Request(method="GET", path="/v2/customers/1")


def places_of(body: bytes, headers: dict[str, str] = _JSON, wire: Wire | None = None) -> list[str]:
    response = Response(status=200, headers=headers, body=body)
    exchange = Exchange(request=_READ, response=response, at="", milliseconds=0, body=read_body(body), wire=wire)
    return [flaw.mismatch.place for flaw in flaws_of_bytes(exchange)]


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b"\xef\xbb\xbf" + _BODY, {"createdId": 1}),
        (_BODY + b"\n<!-- 12 ms -->", {"createdId": 1}),
        (_BODY + b"\0", {"createdId": 1}),
        (b'{"createdId":0,"createdId":1}', {"createdId": 1}),
        (b'{"a":NaN}', {"a": 0}),
        (b'{"a":-Infinity}', {"a": 0}),
        ('{"a":"Zoë"}'.encode("latin-1"), {"a": "Zoë"}),
        ('{"a":"Zoë"}'.encode("utf-16"), {"a": "Zoë"}),
        (b'{"a":"\t"}', {"a": "\t"}),
        (b'{"a":"\\ud83d","b":1.5}', {"a": "?", "b": 1.5}),
        (b'{"a":1,}', ABSENT),
        (b"404 page not found", ABSENT),
        (b"<html>", ABSENT),
        (b"", ABSENT),
    ],
)
def test_what_is_written_wrongly_is_read_all_the_same(body: bytes, read: object) -> None:
    assert read_body(body) == read
    assert places_of(body) == ["wire/body"]


def test_whole_numbers_are_read_whole_whatever_their_notation() -> None:
    body = b'{"kids":9007199254740993.0,"height":1.5,"points":25.0,"far":1e999}'

    read = read_body(body)

    assert read == {"kids": 2**53 + 1, "height": 1.5, "points": 25.0, "far": float("inf")}


@pytest.mark.parametrize(
    "body", [_BODY, b"[]", b'\r\n { "a" : "\\u00eb" } \r\n', '{"a":"Zoë 😀"}'.encode(), b'{"a":25.0}']
)
@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_in_utf_8_has_no_flaw(body: bytes, kind: str) -> None:
    assert places_of(body, {"CONTENT-TYPE": kind}) == []


@pytest.mark.parametrize(
    "kind", ["text/html", "", "application/json; charset=iso-8859-1", "application/json; charset=utf-16", "json"]
)
def test_another_content_type_or_charset_is_told(kind: str) -> None:
    assert places_of(_BODY, {"Content-Type": kind}) == ["header/Content-Type"]


def test_a_content_type_that_is_there_twice_is_told() -> None:
    twice = Wire(headers=(("content-type", "application/json"), ("Content-Type", "application/json")))

    assert places_of(_BODY, _JSON, twice) == ["header/Content-Type"]


@pytest.mark.parametrize("headers", [_JSON, {**_JSON, "Content-Encoding": "gzip"}])
def test_gzip_that_nobody_asked_for_is_told_and_undone(headers: dict[str, str]) -> None:
    packed = gzip.compress(_BODY, mtime=0)

    assert read_body(packed) == {"createdId": 1}
    assert places_of(packed, headers) == ["header/Content-Encoding"]


def _answer(headers: dict[str, str], body: bytes, *, ends: bool) -> Twist:
    def twist(deployment: Deployment, request: Request) -> Reply:
        reply = deployment.ask(request)
        response = Response(status=200, headers=_JSON)
        return Reply(response=framed(response, headers, body, ends=ends), operation=reply.operation, changed=())

    return twist


@contextmanager
def answering(headers: dict[str, str], body: bytes, *, ends: bool = True) -> Iterator[HttpTransport]:
    """Serve one answer, and give what carries a request there."""
    with serve(Deployment(_answer(headers, body, ends=ends))) as url:
        transport = HttpTransport(url, seconds=10)
        try:
            yield transport
        finally:
            transport.close()


def came(transport: HttpTransport, *, fresh: bool = False) -> Received:
    answer = transport.carry(_READ, fresh=fresh)
    assert isinstance(answer, Received)
    return answer


@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize(("said", "missing", "surplus"), [(0, 0, 0), (2, 2, 0), (-2, 0, 2)])
def test_a_length_that_is_not_the_body_s_is_seen(said: int, missing: int, surplus: int, *, ends: bool) -> None:
    with answering({"Content-Length": str(len(_BODY) + said)}, _BODY, ends=ends) as transport:
        for _ in range(2):
            # A connection that ends behind a whole answer looks usable until its end has arrived.
            answer = came(transport, fresh=ends and not said)
            assert answer.body == _BODY
            assert (answer.wire.missing, answer.wire.surplus) == (missing, surplus)
            assert answer.wire.is_ended == (not missing)


@pytest.mark.parametrize("is_whole", [True, False])
def test_chunks_of_which_the_last_is_missing_are_seen(*, is_whole: bool) -> None:
    with answering({"Transfer-Encoding": "chunked"}, chunked(_BODY, is_whole=is_whole)) as transport:
        answer = came(transport)

    assert (answer.body, answer.wire.is_ended) == (_BODY, is_whole)
    assert places_of(answer.body, _JSON, answer.wire) == ([] if is_whole else ["wire/length"])


def test_an_answer_that_is_cut_within_its_json_is_no_answer() -> None:
    with answering({"Content-Length": "15"}, _BODY[:9]) as transport, pytest.raises(CutError):
        came(transport)


def test_header_lines_are_kept_as_they_came() -> None:
    with answering({"X-A": "1\r\nX-B: 2\r\nx-a: 3", "Content-Length": "2"}, b"{}") as transport:
        wire = came(transport).wire

    assert wire.all("x-A") == ("1", "3")


def test_an_answer_that_is_too_large_is_read_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.verification.transport.LARGEST", 2**20)
    with answering({"Content-Length": str(2**30)}, b"[" * 2**21) as transport, pytest.raises(CutError) as failed:
        came(transport)

    assert "more than 1 MiB" in str(failed.value)


def test_a_fresh_request_has_a_connection_of_its_own() -> None:
    seen: list[int] = []

    def twist(deployment: Deployment, request: Request) -> Reply:
        seen.append(getattr(request, "connection", 0))
        return deployment.ask(request)

    with serve(Deployment(twist)) as url:
        transport = HttpTransport(url)
        for fresh in (False, True, False, True):
            transport.carry(_READ, fresh=fresh)
        transport.close()

    assert seen[0] == seen[2]
    assert len(set(seen)) == 3


def test_an_answer_that_makes_sense_is_not_waited_for_as_long_as_its_length_says() -> None:
    with answering({"Content-Length": "17"}, _BODY, ends=False) as transport:
        began = monotonic()
        came(transport)

    assert monotonic() - began < 5
