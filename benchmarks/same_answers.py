"""Compare the answers of two versions, byte for byte: what a change of the inside must leave as it is.

    python -m benchmarks.same_answers /tmp/before/.venv/bin/mockserver .venv/bin/mockserver

Both are served on 127.0.0.1 with clocks that stand still, and are asked the same, in the same order: the golden
exchanges, every forced answer of every operation, 2,000 generated requests (`sample_requests`), and some of those under
each listed answer to each question; then all customers are read. Compared are status, headers and body of each answer.
Left out are Date, the ids of requests, the wording of X-Mock-Why, and Connection, which depends on when a
body comes. It exits with 1 where anything is different.
"""

import argparse
import http.client
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

import yaml

from benchmarks.sample_requests import AUTHORIZATION, Asked, sample_requests

_FIXTURES = Path(__file__).parent.parent / "fixtures"
_GOLDEN = "exchanges/**/*.yaml"
_FROZEN = {"frozen": "2026-01-01T00:00:00Z"}
_LEFT_OUT = frozenset({"connection", "date", "x-cap-requestid", "x-mock-exchange", "x-mock-why"})
_CUSTOMER = "171891944"
# What placeholders of golden exchanges stand for in the demo world; any other stands for 1.
_WORDS = {
    "{word}": "novaword",
    "{customer}": _CUSTOMER,
    "{source}": "INSTORE",
    "{channel}": "email",
    "{channel.type}": "email",
    "{channel.value}": "asha.menon@example.com",
    "{channel.primary}": "true",
    "{made.email}": "nova@example.com",
    "{made.mobile}": "447700900123",
    "{program}": "1016",
    "{enrolled}": "699",
}
_PLACEHOLDER = re.compile(r"\{[a-zA-Z][^{}]*\}")
_COMPARED = ("status", "headers", "body")
_MOST_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What came back of one request, as far as it is compared."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Served:
    """One version of the mock server, as a process of its own."""

    def __init__(self, executable: str, stack: ExitStack) -> None:
        command = [executable, "serve", "--port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        stack.enter_context(process)
        stack.callback(process.terminate)
        ready = "" if process.stdout is None else process.stdout.readline()
        self._address = ready.rpartition("://")[2].strip()
        self._connection = http.client.HTTPConnection(self._address, timeout=30)
        self.control("PUT", "/_mock/clock", _FROZEN)

    def ask(self, asked: Asked) -> Given:
        """Send a request, and return the answer; a connection that was closed is opened again."""
        connection = self._connection
        headers = {**asked.headers, "Content-Length": str(len(asked.body))} if asked.body else asked.headers
        connection.request(asked.method, asked.target, body=asked.body or None, headers=dict(headers))
        answer = connection.getresponse()
        body = answer.read()
        kept = [(name.lower(), value) for name, value in answer.getheaders() if name.lower() not in _LEFT_OUT]
        if answer.will_close:
            connection.close()
        return Given(status=answer.status, headers=tuple(sorted(kept)), body=body)

    def control(self, method: str, path: str, body: object = None) -> Any:  # Any: JSON
        """Ask the control plane, which must grant it."""
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if content else {}
        given = self.ask(Asked(method=method, target=path, headers=headers, body=content))
        if given.status >= 300:
            raise SystemExit(f"{method} {path} of {self._address} answered {given.status}: {given.body[:200]!r}")
        return json.loads(given.body) if given.body else None


class Version(Protocol):
    """One version of the product, as it is asked."""

    def ask(self, asked: Asked, /) -> Given:
        """Send a request, and return the answer."""

    def control(self, method: str, path: str, body: object = None, /) -> Any:  # Any: JSON
        """Ask the control plane, which must grant it."""


class Comparison:
    """Two versions that are asked alike, and what was different."""

    def __init__(self, before: Version, after: Version) -> None:
        self._both = (before, after)
        self.asked = 0
        self.different: list[str] = []

    def ask(self, what: str, asked: Asked) -> None:
        """Ask both, and note what is different."""
        self.asked += 1
        was, now = (served.ask(asked) for served in self._both)
        if was != now:
            where = ", ".join(
                name for name in ("status", "headers", "body") if getattr(was, name) != getattr(now, name)
            )
            self.different.append(f"{what}: {where}\n  {asked}\n  before {was}\n  after  {now}")

    def control(self, method: str, path: str, body: object = None) -> Any:  # Any: JSON
        """Ask the control plane of both, and return what the first one says."""
        said, _ = [served.control(method, path, body) for served in self._both]
        return said


def compare(comparison: Comparison, count: int, seed: int) -> Iterator[str]:
    """Compare all that is compared, and give a line for each part of it."""
    parts: dict[str, Callable[[], None]] = {
        "golden exchanges": partial(_ask_golden, comparison),
        "forced answers": partial(_ask_forced, comparison),
        "generated requests": partial(_ask_generated, comparison, "generated", count, seed),
        "other answers to questions": partial(_ask_dialects, comparison, seed),
    }
    for name, ask in parts.items():
        asked, different = comparison.asked, len(comparison.different)
        ask()
        yield f"{name}: {comparison.asked - asked} answers, {len(comparison.different) - different} different"


def _ask_golden(comparison: Comparison) -> None:
    for path in sorted(_FIXTURES.glob(_GOLDEN)):
        comparison.control("POST", "/_mock/reset")
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        for number, step in enumerate(told.get("steps", [told]), start=1):
            comparison.ask(f"{path.name} {number}", _golden_request(step["send"]))


def _golden_request(send: Mapping[str, Any]) -> Asked:
    """Return a request of a golden exchange at one place of the demo world; made-up words stand for placeholders."""
    filled = _filled({"path": f"/v2/customers/{_CUSTOMER}", "query": {}, **send})
    content = filled.get("body", "")
    body = str(content["raw"]).encode() if "raw" in content else json.dumps(content, default=str).encode()
    method = filled.get("method", "PUT" if "body" in filled else "GET")
    headers = {} if filled.get("anonymous") else {"Authorization": AUTHORIZATION}
    headers |= {"Content-Type": "application/json"} if method == "PUT" else {}
    headers |= {name: str(value) for name, value in filled.get("headers", {}).items()}
    query = _golden_query(filled["query"])
    return Asked(method=method, target=f"{filled['path']}?{query}", headers=headers, body=body if content else b"")


def _golden_query(query: Any) -> str:  # Any: text, or a mapping of what differs from the place's own
    if isinstance(query, str):
        return query
    named = {"source": "INSTORE", **query}
    sent = {name: str(value).lower() if isinstance(value, bool) else value for name, value in named.items()}
    return urlencode({name: value for name, value in sent.items() if value is not None})


def _filled(value: Any) -> Any:  # Any: YAML
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: _WORDS.get(found[0], "1"), value)
    if isinstance(value, list):
        return [_filled(item) for item in value]
    return {_filled(name): _filled(item) for name, item in value.items()} if isinstance(value, dict) else value


def _ask_forced(comparison: Comparison) -> None:
    """Ask for every answer of the catalogue by code and by name, and by the reserved ids, of each operation."""
    contract = comparison.control("GET", "/_mock/contract")
    examples = contract["components"]["examples"]
    codes = sorted({code for name in examples for code in re.findall(r"[0-9]{3,6}", name)})
    wanted = [f"example={name}" for name in examples] + [f"code={code}" for code in codes]
    for path, method in _operations(contract):
        for prefer in wanted:
            comparison.ask(f"forced {prefer}", _forced(method, path, _CUSTOMER, {"Prefer": prefer}))
        for code in codes:
            comparison.ask(f"reserved id {code}", _forced(method, path, str(900_000_000 + int(code)), {}))


def _operations(contract: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path, item in contract["paths"].items():
        yield from ((path, method.upper()) for method in item if method in ("get", "put", "post"))


def _forced(method: str, path: str, customer: str, headers: Mapping[str, str]) -> Asked:
    target = f"{re.sub(r'{[^}]+}', customer, path)}?source=INSTORE"
    content = {"Content-Type": "application/json"} if method != "GET" else {}
    sent = {"Authorization": AUTHORIZATION, **content, **headers}
    return Asked(method=method, target=target, headers=sent, body=b"{}" if content else b"")


def _ask_generated(comparison: Comparison, what: str, count: int, seed: int) -> None:
    comparison.control("POST", "/_mock/reset")
    for number, asked in enumerate(sample_requests(count, seed)):
        comparison.ask(f"{what} {number}", asked)
    comparison.control("POST", "/_mock/settle")
    comparison.ask(f"{what}: the customers", Asked(method="GET", target="/_mock/customers?limit=1000"))


def _ask_dialects(comparison: Comparison, seed: int) -> None:
    """Ask some requests under each other answer to each question."""
    listed = comparison.control("GET", "/_mock/questions")["questions"]
    for question in listed:
        for answer in question["implemented"]:
            comparison.control("PUT", "/_mock/dialect", {question["id"]: answer})
            _ask_generated(comparison, f"{question['id']}: {answer}", 60, seed)
        comparison.control("PUT", "/_mock/dialect", {question["id"]: question["ours"]})


def main() -> int:
    """Read the command line, compare, tell, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", help="the executable `mockserver` of one version")
    parser.add_argument("after", help="that of the other")
    parser.add_argument("--count", type=int, default=2_000, help="generated requests (default: 2000)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with ExitStack() as stack:
        comparison = Comparison(Served(options.before, stack), Served(options.after, stack))
        for line in compare(comparison, options.count, options.seed):
            print(line, flush=True)
    for different in comparison.different[:_MOST_SHOWN]:
        print(different, file=sys.stderr)
    print(f"{comparison.asked} answers, {len(comparison.different)} different")
    return 1 if comparison.different else 0


if __name__ == "__main__":
    sys.exit(main())
