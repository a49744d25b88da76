"""Laws of content encodings: gzip and deflate are undone within bounds, others are 415, and a connection goes on."""

import gzip
import http.client
import json
import zlib
from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.messages import BODY_LIMIT
from mockserver.server.decoding import TooLargeError, decode
from tests.server.client import CREDENTIALS, Client

PATH = "/v2/customers/171891944?source=INSTORE"
Encode: TypeAlias = Callable[[bytes], bytes]
UPDATE = json.dumps({"profiles": [{"firstName": "Tom"}]}).encode()


def raw_deflate(body: bytes) -> bytes:
    encoder = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return encoder.compress(body) + encoder.flush()


def members(body: bytes) -> bytes:
    return gzip.compress(body[:7]) + gzip.compress(body[7:])


ENCODED = [
    ("gzip", gzip.compress),
    ("GZIP", gzip.compress),
    ("x-gzip", gzip.compress),
    ("gzip", members),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("identity", bytes),
    ("", bytes),
]
BROKEN = {
    "no gzip": ("gzip", b"{}"),
    "gzip without its end": ("gzip", gzip.compress(UPDATE)[:-9]),
    "more behind gzip": ("gzip", gzip.compress(UPDATE) + b"more"),
    "no deflate": ("deflate", b"\xff\xff\xff"),
    "more behind deflate": ("deflate", zlib.compress(UPDATE) + b"more"),
    "deflate without its end": ("deflate", zlib.compress(UPDATE)[:-1]),
}


class Kept:
    """One connection that is used again and again."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._connection = http.client.HTTPConnection(client.host, client.port, timeout=10)
        self._connection.connect()
        self._connection.auto_open = 0  # one that is gone is not opened again

    def __enter__(self) -> "Kept":
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def update(self, body: bytes, coding: str | None = None, path: str = PATH) -> tuple[int, http.client.HTTPMessage]:
        headers = {**CREDENTIALS, "Content-Type": "application/json"}
        if coding is not None:
            headers["Content-Encoding"] = coding
        self._connection.request("PUT", self._client.path + path, body=body, headers=headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status, answer.headers


@pytest.mark.parametrize(("coding", "encode"), ENCODED, ids=lambda value: getattr(value, "__name__", value))
def test_a_body_in_a_known_encoding_is_read(client: Client, coding: str, encode: Encode) -> None:
    with Kept(client) as connection:
        assert connection.update(encode(UPDATE), coding)[0] == 200
    assert client.send("GET", "/_mock/customers/171891944").json["profiles"][0]["firstName"] == "Tom"


@pytest.mark.parametrize(("coding", "body"), BROKEN.values(), ids=BROKEN)
def test_a_body_that_is_not_in_its_encoding_is_400_and_the_connection_goes_on(
    client: Client, caplog: pytest.LogCaptureFixture, coding: str, body: bytes
) -> None:
    with Kept(client) as connection:
        status, headers = connection.update(body, coding)
        again, _ = connection.update(UPDATE)

    assert (status, again) == (400, 200)
    assert f"body: is not {coding}, which Content-Encoding says" in headers["X-Mock-Why"]
    assert headers["Connection"] is None
    assert caplog.records == []
    assert [one["status"] for one in client.send("GET", "/_mock/requests").json["requests"]] == [200, 400]


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip", "gzip, identity", "snappy"])
@pytest.mark.parametrize("path", [PATH, "/_mock/dialect"])
def test_any_other_encoding_is_415_and_the_answer_says_which_will_do(client: Client, coding: str, path: str) -> None:
    with Kept(client) as connection:
        status, headers = connection.update(b"\x0b\x02\x80{}\x03", coding, path)
        again, _ = connection.update(UPDATE)

    assert (status, again) == (415, 200)
    assert headers["Accept-Encoding"] == "gzip, deflate"


def test_an_encoding_of_no_body_says_nothing(client: Client) -> None:
    assert client.send("GET", PATH, headers={"Content-Encoding": "br"}).status == 200


@pytest.mark.parametrize("encode", [gzip.compress, zlib.compress, raw_deflate])
def test_a_body_that_grows_beyond_1_mib_is_413_and_the_connection_goes_on(client: Client, encode: Encode) -> None:
    coding = "gzip" if encode is gzip.compress else "deflate"

    with Kept(client) as connection:
        assert connection.update(encode(b" " * 200_000_000), coding)[0] == 413
        assert connection.update(encode(UPDATE), coding)[0] == 200


@given(
    st.binary(max_size=2_000), st.sampled_from([(gzip.compress, "gzip"), (members, "gzip"), (zlib.compress, "deflate")])
)
def test_what_was_encoded_is_decoded(body: bytes, way: tuple[Encode, str]) -> None:
    encode, coding = way

    assert decode(encode(body), coding) == body


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate"]))
def test_what_is_not_in_the_encoding_is_a_value_error(body: bytes, coding: str) -> None:
    try:
        decode(body, coding)
    except ValueError:
        return
    assert coding == "deflate"  # hardly any noise is a raw stream, but some is


def test_no_more_than_the_limit_is_decoded() -> None:
    assert decode(gzip.compress(b"a" * 10), "gzip", 10) == b"a" * 10
    with pytest.raises(TooLargeError):
        decode(gzip.compress(b"a" * 6) + gzip.compress(b"a" * 5), "gzip", 10)
    assert len(decode(gzip.compress(b"a" * BODY_LIMIT), "gzip")) == BODY_LIMIT
