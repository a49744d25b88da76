"""Exchanges as HAR 1.2, which browsers' network panels open.

Source: HTTP Archive 1.2, http://www.softwareishard.com/blog/har-12-spec/. Sizes and times that are not known are -1 or
0 there. Members of our own begin with an underscore, as it asks. The journal has hidden all secrets before.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote

from mockserver.lossless_json import write_json
from mockserver.messages import Request
from mockserver.server.journal import Exchange
from mockserver.version import __version__

_UNKNOWN = -1
_HTTP = "HTTP/1.1"
_LOG = {"version": "1.2", "creator": {"name": "customer-mockserver", "version": __version__}, "pages": []}
_KEPT_IN_URL = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '#"<>\\^`{|}')


def as_har(exchanges: Iterable[Exchange], base_url: str) -> dict[str, Any]:
    """Return a HAR document of exchanges, in their order; `base_url` is where their world answers."""
    return {"log": {**_LOG, "entries": [_entry(exchange, base_url) for exchange in exchanges]}}


def har_parts(exchanges: Iterable[Exchange], base_url: str) -> Iterator[bytes]:
    """Yield the same document as JSON, entry by entry."""
    end = b"]}}"
    yield write_json({"log": {**_LOG, "entries": []}}).removesuffix(end)
    for number, exchange in enumerate(exchanges):
        yield b"," * (number > 0) + write_json(_entry(exchange, base_url))
    yield end


def _entry(exchange: Exchange, base_url: str) -> dict[str, Any]:
    return {
        "startedDateTime": _started(exchange),
        "time": _waited(exchange),
        "request": _request(exchange.request, base_url),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": _waited(exchange), "receive": 0},
        "_outcome": exchange.outcome,
        "_exchange": {**exchange.summary(), "said": exchange.reply.why},
        **({"comment": ", ".join(exchange.seen)} if exchange.seen else {}),
    }


def _started(exchange: Exchange) -> str:
    """Return when the request came, by the machine's clock; a world's own may stand still."""
    at = exchange.came - exchange.milliseconds / 1000
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _waited(exchange: Exchange) -> float:
    """Return the milliseconds that a client waited for the answer, delays by faults included."""
    return exchange.milliseconds + exchange.delayed


def _request(request: Request, base_url: str) -> dict[str, Any]:
    path = request.path if request.path.startswith("/") else f"/{request.path}"
    target = f"{path}?{request.query}" if request.query else path
    shown = {
        "method": request.method,
        "url": base_url + quote(target, safe=_KEPT_IN_URL),
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _headers(request.headers),
        "queryString": [
            {"name": name, "value": value} for name, value in parse_qsl(request.query, keep_blank_values=True)
        ],
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN if request.oversized or request.undecodable else len(request.body),
    }
    return {**shown, "postData": _post_data(request)} if request.body else shown


def _post_data(request: Request) -> dict[str, Any]:
    text = request.body.decode("utf-8", "backslashreplace")
    return {"mimeType": request.headers.get("content-type", ""), "text": text}


def _response(exchange: Exchange) -> dict[str, Any]:
    response = exchange.reply.response
    return {
        "status": response.status,
        "statusText": _phrase(response.status),
        "httpVersion": _HTTP,
        "cookies": [],
        "headers": _headers({**response.headers, "X-Mock-Exchange": exchange.id}),
        "content": _content(response.headers, response.body),
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": len(response.body),
    }


def _content(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    shown = {"size": len(body), "mimeType": headers.get("Content-Type", "x-unknown")}
    try:
        return {**shown, "text": body.decode()}
    except UnicodeDecodeError:
        return {**shown, "text": b64encode(body).decode(), "encoding": "base64"}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # a status that no standard names
        return ""


def _headers(headers: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]
