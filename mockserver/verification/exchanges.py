"""One request and its response as the checker saw them, and what of a response all judgement rests on."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.lossless_json import is_writable, read_number
from mockserver.messages import Request, Response
from mockserver.verification.expectation import ABSENT
from mockserver.verification.wire import Wire

_GZIP = b"\x1f\x8b"
_LARGEST = 16 * 1024 * 1024  # bytes that a packed body may come to
_AROUND = "\ufeff \t\r\n"


def _number(text: str) -> int | float:
    """Read a number with a fraction or exponent; a whole one beyond 2^53 is not rounded, as a double would be."""
    exact = read_number(text)
    return exact if isinstance(exact, int) else float(text)


# A constant that is no number is read as one that is equal to itself.
_LENIENT = json.JSONDecoder(strict=False, parse_float=_number, parse_constant=lambda _: 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its response. `request` is as it was asked for, without credentials.

    `at` is when it was sent (RFC 3339), `body` the JSON value of the response, ABSENT where it is none. `wire` tells
    how the response came over a connection, None where there was none.
    """

    request: Request
    response: Response
    at: str
    milliseconds: float
    body: Any = ABSENT  # Any: JSON
    wire: Wire | None = None

    @property
    def granted(self) -> bool:
        """Tell whether the request was granted: 2xx, and no error in the body."""
        return 200 <= self.response.status < 300 and not _items(self.body, "errors")

    @property
    def code(self) -> int | None:
        """The code of the first error, None where there is none; a code as text counts."""
        return next(iter(codes_of(self.body, "errors")), None)

    @property
    def warnings(self) -> tuple[int, ...]:
        """The codes of the warnings."""
        return codes_of(self.body, "warnings")

    @property
    def points(self) -> tuple[float, ...]:
        """The points of the side effects of type points, one by one."""
        effects = [item for item in _items(self.body, "sideEffects") if item.get("type") == "points"]
        return tuple(effect["awardedPoints"] for effect in effects if _is_number(effect.get("awardedPoints")))

    @property
    def request_id(self) -> str:
        """The deployment's own id of the request, empty where it names none."""
        return header(self.response.headers, "X-Cap-Requestid")


def read_body(content: bytes) -> Any:  # Any: JSON
    """Read what a lenient client makes of a body, whatever its Content-Type; ABSENT where it is no JSON at all.

    So the rest of an answer can be judged whose bytes are not as they should be: a byte order mark, another encoding
    than UTF-8, gzip that nobody asked for, control characters in texts, something behind an object or array, half of a
    surrogate pair, which is read as a question mark.
    """
    try:
        text = _decoded(unpacked(content)).strip(_AROUND)
        value, end = _LENIENT.raw_decode(text)
        if not is_writable(value):
            value = json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
    except (ValueError, RecursionError):  # no JSON, or nested beyond what Python reads
        return ABSENT
    return value if end == len(text) or isinstance(value, dict | list) else ABSENT


def unpacked(content: bytes) -> bytes:
    """Return a body with gzip undone, which is known by how it begins (RFC 1952 §2.3.1)."""
    if not content.startswith(_GZIP):
        return content
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content, _LARGEST)
    except zlib.error:
        return content


def _decoded(content: bytes) -> str:
    try:
        return content.decode(json.detect_encoding(content), "strict")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def header(headers: Mapping[str, str], name: str) -> str:
    """Return a header whatever the case of its name, empty where there is none."""
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")


def codes_of(body: Any, member: str) -> tuple[int, ...]:
    """Return the codes of the errors or warnings of a body, in their order."""
    codes = [str(item.get("code")) for item in _items(body, member)]
    return tuple(int(code) for code in codes if code.isascii() and code.isdigit())


def _items(body: Any, member: str) -> tuple[Mapping[str, Any], ...]:
    """Return the objects of a list; where the page's table is followed, the one object that stands for it."""
    held = body.get(member) if isinstance(body, Mapping) else None
    listed = [held] if isinstance(held, Mapping) and held else held
    return tuple(item for item in listed if isinstance(item, Mapping)) if isinstance(listed, list) else ()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
