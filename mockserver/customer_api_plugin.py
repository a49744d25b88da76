"""The pytest plugin: a world of its own for each test, on one server for the session (per worker of pytest-xdist).

Loaded in every run where the package is installed, so it imports no more than pytest has already; what a fixture needs
is imported when the first test asks for it.
"""

import os
import sys
from argparse import ArgumentTypeError
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.testing import CustomerApi, CustomerApiFactory, DialectChoice
    from mockserver.testing.codes import CodesMet
    from mockserver.testing.hosting import Host
    from mockserver.testing.mock_journals import Latest, MockJournals

_WORLDS: pytest.StashKey[list["CustomerApi"]] = pytest.StashKey()  # of a test
_ENDED: pytest.StashKey[list[tuple[str, str]]] = pytest.StashKey()  # names and journals of a test's worlds that ended
_LATEST: pytest.StashKey["Latest"] = pytest.StashKey()  # where the journals of other mocks stood before a test
_CODES: pytest.StashKey["CodesMet"] = pytest.StashKey()  # of a run
_OUTPUT = "mockserver_codes"  # under which a worker of pytest-xdist hands them over
_MARKER = 'world("file or name"): the world that customer_api is; a file stands beside the test or in the rootdir'


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("mockserver", "mock of Update Customer Details")
    group.addoption("--mock-world", default="demo", metavar="FILE|NAME", help="World of each test (default: demo).")
    group.addoption(
        "--mock-dialect", default="documented", metavar="FILE", help="Dialect of each world (default: documented)."
    )
    group.addoption(
        "--mock-journal",
        type=_read_bound,
        default=1_000,
        metavar="N",
        help="Exchanges that each world's journal keeps, 100 to 100000 (default: 1000).",
    )
    group.addoption(
        "--mock-strict",
        action="store_true",
        help="Fail tests that send what the contract refuses, or misspell, without expecting it; list codes never met.",
    )


def _read_bound(text: str) -> int:
    """Read the value of --mock-journal; ValueError becomes one line of usage."""
    from mockserver.server.journal import LEAST_BOUND, MOST_BOUND

    number = int(text)
    if not LEAST_BOUND <= number <= MOST_BOUND:
        raise ArgumentTypeError(f"{number} is not from {LEAST_BOUND} to {MOST_BOUND}")
    return number


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture(scope="session")
def _mock_host(request: pytest.FixtureRequest) -> Iterator["Host"]:
    """The server of the session."""
    from mockserver.errors import MockServerError
    from mockserver.server.options import ServeOptions
    from mockserver.testing.hosting import Host

    config = request.config
    codes = _codes_of(config) if config.getoption("--mock-strict") else None
    folders = [config.invocation_params.dir, config.rootpath]
    world = _find_world(config.getoption("--mock-world"), folders)
    try:
        host = Host(
            ServeOptions(port=0, world=world, journal=config.getoption("--mock-journal")),
            dialect=_find_dialect(config.getoption("--mock-dialect"), folders),
            watch=None if codes is None else codes.note,
        )
    except MockServerError as error:  # `from None`: one line, without what led to it
        raise pytest.fail.Exception(f"the mock cannot start: {error}", pytrace=False) from None
    with host:
        yield host


def _find_dialect(name: str, folders: Sequence[Path]) -> str | Path:
    """Return `documented`, or the path of a file in the first folder that has it, else in the first folder."""
    if name == "documented":
        return name
    paths = [folder / os.path.expanduser(name) for folder in folders]
    return next((path for path in paths if path.is_file()), paths[0])


@pytest.fixture
def customer_api(request: pytest.FixtureRequest, _mock_host: "Host") -> Iterator["CustomerApi"]:
    """A mock of Update Customer Details in a world that only this test has: address, state, journal, errors, clock."""
    api = _take(request, _mock_host, _marked_world(request.node))
    yield api
    _end(request.node, [api])


@pytest.fixture
def customer_api_factory(request: pytest.FixtureRequest, _mock_host: "Host") -> Iterator["CustomerApiFactory"]:
    """Makes further worlds for this test: customer_api_factory(world="empty", dialect={"null_value": "clear"})."""
    made: list[CustomerApi] = []

    def make(world: str | None = None, *, dialect: "DialectChoice" = None) -> "CustomerApi":
        __tracebackhide__ = True
        api = _take(request, _mock_host, world, dialect)
        made.append(api)
        return api

    yield make
    _end(request.node, made)


def _marked_world(node: pytest.Item) -> str | None:
    marker = node.get_closest_marker("world")
    if marker is None:
        return None
    if len(marker.args) != 1 or marker.kwargs or not isinstance(marker.args[0], str):
        pytest.fail(f'{node.nodeid}: the marker world takes one file or name: world("empty")', pytrace=False)
    return marker.args[0]


def _take(
    request: pytest.FixtureRequest, host: "Host", world: str | None, dialect: "DialectChoice" = None
) -> "CustomerApi":
    """Fork a world for a test."""
    __tracebackhide__ = True
    from mockserver.errors import MockServerError
    from mockserver.testing import CustomerApi

    if world is not None:
        world = _find_world(world, [request.path.parent, request.config.rootpath])
    try:
        host = host.here()  # the test may run in a process that was forked, as those of pytest-forked do
        api = CustomerApi(host, host.fork(host.seed(world), dialect))
    except MockServerError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    if request.config.getoption("--mock-strict"):
        api.keep_breaches()
    request.node.stash.setdefault(_WORLDS, []).append(api)
    return api


def _find_world(name: str, folders: Sequence[Path]) -> str:
    """Return the name of a bundled world, or the path of a file in the first folder that has it."""
    from mockserver.files import list_worlds

    if name in list_worlds():
        return name
    paths = [folder / os.path.expanduser(name) for folder in folders]
    return next((str(path) for path in paths if path.is_file()), name)


def _end(item: pytest.Item, worlds: Sequence["CustomerApi"]) -> None:
    """Delete a test's worlds, keep their journals for its report, and tell of breaches that came after the test."""
    told = _tell_breaches(item)
    for api in worlds:
        item.stash.setdefault(_ENDED, []).append((api.world, "\n".join(api.journal_lines())))
        item.stash[_WORLDS].remove(api)
        api.delete()
    if told:
        pytest.fail(told, pytrace=False)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note where the journals of the mocks stand that fixtures and classes have started."""
    journals = _other_journals()
    item.stash[_LATEST] = {} if journals is None else journals.latest()


def _other_journals() -> "MockJournals | None":
    """Return the journals of the mocks without a fixture of ours; None where no test has imported what starts one."""
    module = sys.modules.get("mockserver.testing.mock_journals")
    return None if module is None else module.MOCK_JOURNALS


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that passed although the contract refused what it sent, or did not know a misspelt name."""
    try:
        result = yield
    except BaseException:
        _tell_breaches(item)  # the failure has its own report, with the journal; they are not told again
        raise
    told = _tell_breaches(item)
    if told:
        pytest.fail(told, pytrace=False)
    return result


def _tell_breaches(item: pytest.Item) -> str:
    if _WORLDS not in item.stash or not item.config.getoption("--mock-strict"):
        return ""
    from mockserver.testing.refusals import tell_breaches

    breaches = [breach for api in item.stash[_WORLDS] for breach in api.take_unexpected()]
    return tell_breaches(breaches) if breaches else ""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the journals of a failed test's worlds to its report, and what came to other mocks meanwhile."""
    report = yield
    others = _other_journals()
    if report.failed:
        alive = [(api.world, "\n".join(api.journal_lines())) for api in item.stash.get(_WORLDS, [])]
        journals = [*item.stash.get(_ENDED, []), *alive]
        titles = ["mock journal"] if len(journals) == 1 else [f"mock journal of world {name}" for name, _ in journals]
        report.sections += [(title, lines) for title, (_, lines) in zip(titles, journals, strict=True)]
        report.sections += [] if others is None else others.sections(item.stash.get(_LATEST, {}))
    if report.when == "teardown":  # the test may be run again
        item.stash[_ENDED] = []
        if others is not None:
            others.forget_ended()
    return report


def _codes_of(config: pytest.Config) -> "CodesMet":
    """Return the codes that this process met so far."""
    from mockserver.testing.codes import CodesMet

    return config.stash.setdefault(_CODES, CodesMet())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over the codes that a worker of pytest-xdist met."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None and session.config.getoption("--mock-strict"):
        output[_OUTPUT] = _codes_of(session.config).record()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # Any: xdist's WorkerController, which may not be installed
    """Take the codes of a worker that has ended; one that crashed has none to give."""
    output: Mapping[str, Any] = getattr(node, "workeroutput", None) or {}
    if _OUTPUT in output:
        _codes_of(node.config).merge(output[_OUTPUT])


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:  # Any: pytest does not publish it
    """List the codes that the run never met, or met by force only; and tell of a package in our place."""
    from mockserver.coexistence import find_conflict

    conflict = find_conflict()
    if conflict:
        terminalreporter.section("customer-mockserver")
        terminalreporter.write_line(conflict)
    if not config.getoption("--mock-strict"):
        return
    from mockserver.files import read_dialect, read_dialects

    dialects = read_dialects()
    catalogue = dialects.contract_of(read_dialect(dialects)).catalogue
    terminalreporter.section("codes of the mock")
    for line in _codes_of(config).tell(catalogue):
        terminalreporter.write_line(line)
