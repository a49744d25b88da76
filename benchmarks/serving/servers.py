"""The servers: how each is started, what it is asked, and what it must answer."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from benchmarks.serving.asking import Figures, Load
from benchmarks.serving.bare import ANSWER
from benchmarks.serving.cases import CASES, LOYAL_CUSTOMER, PAGE, PAGE_CUSTOMER, Case, request_of
from benchmarks.serving.customers import write_world
from benchmarks.serving.processes import Running, StartError, exchange, start
from mockserver.values import replace

CACHE = Path(__file__).resolve().parents[1] / ".cache"
BASELINE = "bare-application"
_OURS = str(Path(sys.executable).with_name("mockserver"))
Kind: TypeAlias = Literal["ours", "bare", "peer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server, not started yet. `command` makes its command line from a port.

    `prepare` makes what it needs, before it is started for the first time; StartError where that cannot be had.
    `customers` is how many the world has that can be asked of in turn. `body` takes the place of the page's body, and
    each of `has` must be in each body of an answer, where it is a peer; `varies` says that such bodies differ.
    `warm_up` is how many seconds of each run are not counted, `within` how many it may take to start.
    """

    name: str
    says: str
    command: Callable[[int], Sequence[str]]
    kind: Kind = "ours"
    customers: int = 0
    prepare: Callable[[], None] | None = None
    folder: Path | None = None
    body: str | None = None
    has: tuple[str, ...] = ()
    varies: bool = False
    warm_up: float = 0.5
    within: float = 60.0

    def start(self, port: int) -> Running:
        """Start it and wait for its first answer to the page's request; StartError where none comes."""
        first = request_of(PAGE.method, PAGE.path, self._body_of(PAGE), port=port)
        return start(self.command(port), port=port, first=first.encode(), within=self.within, folder=self.folder)

    def why_not(self, case: Case) -> str:
        """Say why a case is not put to this server, or nothing."""
        if self.kind == "peer" and case is not PAGE:
            return "it has no rules and no customers"
        if self.kind == "ours" and self.customers < case.needs:
            return f"its world has fewer than {case.needs:,} customers"
        return ""

    def load(self, case: Case, port: int, *, connections: int, seconds: float) -> Load:
        """Return the load of a case for this server."""
        request = request_of(case.method, case.path, self._body_of(case), port=port)
        asked = Load(
            port=port,
            request=request.encode().decode("latin-1"),
            connections=connections,
            seconds=seconds,
            warm_up=self.warm_up,
            customers=max(1, self.customers),
        )
        return _expecting(asked, self, case)

    def _body_of(self, case: Case) -> str:
        return case.body if self.body is None else self.body

    def make_ready(self, case: Case, port: int) -> None:
        """Bring a server of ours to the state that the case begins with."""
        if self.kind != "ours":
            return
        exchange(port, request_of("POST", "/_mock/reset", port=port).encode())
        for name in case.before:
            exchange(port, CASES[name].request(port).encode())


def _expecting(load: Load, server: Server, case: Case) -> Load:
    """Add what must be answered."""
    if server.kind == "bare":
        return replace(load, answer=ANSWER.decode())
    if server.kind == "peer":
        return replace(load, has=server.has, varies=server.varies)
    has = tuple(part.encode().decode("latin-1") for part in case.has)
    answer = case.answer.encode().decode("latin-1")
    return replace(load, status=case.status, answer=answer, has=has, varies=case.varies)


def is_stored(port: int, figures: Figures) -> str:
    """Say what is wrong with the customer's first name after requests that were numbered, or nothing.

    It must be that of a request that may have been the last; where the client does not tell which, of any.
    """
    path = CASES["get-customer"].path.replace(str(LOYAL_CUSTOMER), str(PAGE_CUSTOMER))
    _, _, body = exchange(port, request_of("GET", path, port=port).encode()).partition(b"\r\n\r\n")
    try:
        name = json.loads(body)["profiles"][0]["firstName"]
    except (ValueError, LookupError):
        return f"the customer cannot be read back: {body[:200]!r}"
    number = int(name[1:]) if name[1:].isdigit() else -1
    is_right = number in figures.late if figures.late else number >= 0
    return "" if is_right else f"the name read back is {name!r}; the last requests were {sorted(figures.late)[-5:]}"


def _ours(*options: str) -> Callable[[int], Sequence[str]]:
    return lambda port: [_OURS, "serve", "--port", str(port), *options]


def _bare(kind: str) -> Callable[[int], Sequence[str]]:
    return lambda port: [sys.executable, "-m", "benchmarks.serving.bare", kind, "--port", str(port)]


def world_of(customers: int) -> Path:
    """Return the file of a world with so many customers, made if it is not there yet."""
    path = CACHE / "worlds" / f"{customers}.jsonl"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        write_world(unfinished, customers)
        unfinished.rename(path)
    return path


def _with_customers(name: str, customers: int, *, within: float) -> Server:
    path = CACHE / "worlds" / f"{customers}.jsonl"
    return Server(
        name=name,
        says=f"`mockserver serve` with {customers:,} customers",
        command=_ours("--world", str(path)),
        customers=customers,
        prepare=lambda: _make_world(customers),
        within=within,
    )


def _make_world(customers: int) -> None:
    try:
        world_of(customers)
    except OSError as error:
        raise StartError(f"its world cannot be written: {error}") from error


_ROOT = Path(__file__).resolve().parents[2]
_SERVERS = (
    Server(
        name=BASELINE,
        says="aiohttp.web.Application on uvloop, body parsed by orjson, a constant answer",
        command=_bare("application"),
        kind="bare",
        folder=_ROOT,
    ),
    Server(
        name="bare-low-level",
        says="aiohttp.web.Server on uvloop, body parsed by orjson, a constant answer",
        command=_bare("low-level"),
        kind="bare",
        folder=_ROOT,
    ),
    Server(name="ours", says="`mockserver serve`", command=_ours()),
    Server(name="ours-auth-world", says="`mockserver serve --auth world`", command=_ours("--auth", "world")),
    _with_customers("ours-1k", 1_000, within=60),
    _with_customers("ours-100k", 100_000, within=120),
    _with_customers("ours-1m", 1_000_000, within=300),
)
SERVERS = {server.name: server for server in _SERVERS}
USUAL = (BASELINE, "bare-low-level", "ours", "ours-auth-world", "ours-1k")  # the larger worlds are for growth
