"""What `check` and `replay` do: options become an order, a campaign runs, reporters write, and the exit code is its."""

import os
import secrets
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

from mockserver.config import PHASES as PHASE_NAMES
from mockserver.config import (
    CheckOptions,
    read_allow,
    read_header,
    read_names,
    read_rate,
    read_seconds,
    read_secret,
)
from mockserver.errors import ConfigurationError
from mockserver.exchange import Setting
from mockserver.files import (
    expand,
    read_dialect,
    read_dialects,
    read_questions,
    read_statements,
    read_world,
    write_text,
)
from mockserver.keeping import place_at, read_baseline, save_findings, save_image
from mockserver.learning import Learner, require_dialect_place
from mockserver.planning import costs_of_run, plan_of
from mockserver.reporting import HtmlReporter, JsonReporter, JunitReporter, Outlook, TerminalReporter, View
from mockserver.values import replace
from mockserver.verification.bench import Bench
from mockserver.verification.campaign import Campaign, PhaseOf
from mockserver.verification.courier import NotAllowedError
from mockserver.verification.credentials import Credentials, read_credentials
from mockserver.verification.events import CampaignDone, Event, Found, Noted
from mockserver.verification.expectation import Pattern
from mockserver.verification.fiction import read_patterns
from mockserver.verification.golden import GoldenExchange, check_of
from mockserver.verification.golden_files import read_golden_exchanges
from mockserver.verification.golden_placeholders import full_path
from mockserver.verification.interruption import Interruption
from mockserver.verification.listed import listed_checks
from mockserver.verification.loopback import is_loopback
from mockserver.verification.masking import Masker
from mockserver.verification.opening import Order, opened
from mockserver.verification.personal import masker_of, refresh
from mockserver.verification.restoring import RESTORATION
from mockserver.verification.target import Leave, Limits, Place, read_place
from mockserver.verification.transport import read_url
from mockserver.verification.wrong_credentials import TOKEN_HEADER
from mockserver.version import __version__

_ON_MOCKS = frozenset({"schema", "model"})  # run on a deployment only when they are named
_SHARES = {"golden": 3.0, "statements": 5.0, "schema": 2.0, "model": 2.0}
_SERVED = "http://127.0.0.1:8080"  # in commands to copy, where the target has no address: a mock that is served
_SERVE = "# serve a mock first: mockserver serve --port 8080"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How a campaign is run and told: what is asked for besides the target itself."""

    seed: int | None = None
    strict: bool = False
    reports: tuple[tuple[str, Path], ...] = ()
    save: Path | None = None
    baseline: Path | None = None
    unmasked: bool = False
    save_dialect: Path | None = None
    learns: bool = False


def read_order(options: CheckOptions, *, seed: int) -> Order:
    """Read the options into an order; what is wrong with one of them is a ConfigurationError that names it."""
    world = read_world(options.world or "demo")
    dialects = read_dialects()
    dialect = read_dialect(dialects, options.dialect)
    setting = Setting(
        contract=dialects.contract_of(dialect), organisation=world.organisation, dialect=dialect, dialects=dialects
    )
    return Order(
        url=None if options.url is None else read_url(options.url),
        world=world,
        setting=setting,
        places=tuple(dict.fromkeys(read_place(text) for text in options.customers)),
        leave=max((Leave[name.upper()] for name in read_allow(options.allow)), default=Leave.READS),
        limits=Limits(
            rate=None if options.rate is None else read_rate(options.rate),
            budget=options.budget,
            seconds=None if options.max_time is None else read_seconds(options.max_time, "--max-time"),
        ),
        credentials=_credentials(options),
        headers=dict(read_header(text) for text in options.headers),
        ca_bundle=None if options.ca_bundle is None else str(expand(options.ca_bundle)),
        timeout=30.0 if options.timeout is None else read_seconds(options.timeout, "--timeout"),
        seed=seed,
        parallel=options.parallel,
        values=read_patterns(options.values),
    )


def _credentials(options: CheckOptions) -> Credentials | None:
    if options.auth_env is None:
        return None
    return read_credentials(read_secret(options.auth_env), options.auth_env)


def check(options: CheckOptions, run: Run) -> int:
    """Check a target, and return the exit code: 0 nothing, 1 findings, 2 could not check."""
    seed = secrets.randbelow(2**31) if run.seed is None else run.seed
    order = read_order(options, seed=seed)
    if run.save_dialect is not None:
        require_dialect_place(run.save_dialect)
    return _run(
        order,
        lambda bench: phases_of(options, is_mock=bench.target.disposable),
        replace(run, learns=True),
        believed=_believed(options),
    )


def replay(options: CheckOptions, run: Run, paths: Sequence[Path]) -> int:
    """Send golden exchanges, or saved findings, again; they may name their customers themselves.

    A before-image is written back when it is given by itself, and nothing is restored after it; among findings, as in
    the folder of a run, it is left out.
    """
    exchanges = read_golden_exchanges(paths)
    findings = tuple(golden for golden in exchanges if golden.title != RESTORATION)
    order = read_order(options, seed=run.seed or 0)
    if not order.places and order.url is not None:
        order = replace(order, places=tuple(_places_in(exchanges)))
    phase = PhaseOf(name="replay", checks=tuple(check_of(golden) for golden in findings or exchanges))
    run = replace(run, strict=True)  # a difference that still happens is no promise that was kept
    try:
        return _run(order, lambda _: (phase,), run, restores=bool(findings))
    except NotAllowedError as failure:
        raise ConfigurationError(f"{failure}; name the customer with --customer") from failure


def _places_in(exchanges: Sequence[GoldenExchange]) -> Iterator[Place]:
    """Give each place that a saved exchange is about, and one of each other customer whom its requests name."""
    own = dict.fromkeys(golden.place for golden in exchanges if golden.place is not None)
    yield from own
    named = {place.customer for place in own}
    steps = (step.send for golden in exchanges if golden.place is not None for step in golden.steps)
    for send in steps:
        place = place_at(send.path, send.query or "")
        if place is not None and place.customer not in named:
            yield place
            named.add(place.customer)


def plan(options: CheckOptions) -> Iterator[str]:
    """Give the lines of a plan, see `plan_of`; nothing is sent."""
    order = read_order(options, seed=0)
    is_mock = order.url is None or (is_loopback(order.url) and not order.places)
    yield from plan_of(order, phases_of(options, is_mock=is_mock))


def phases_of(options: CheckOptions, *, is_mock: bool = False) -> tuple[PhaseOf, ...]:
    """Return the phases that are asked for; on a deployment the generating ones run only when they are named."""
    named = read_names(options.phases, PHASE_NAMES, "--phase")
    usual = tuple(name for name in PHASE_NAMES if is_mock or name not in _ON_MOCKS)
    return tuple(_PHASES[name]() for name in named or usual)


def _listed(phase: str) -> PhaseOf:
    checks = tuple(check for name, check in listed_checks().items() if name.startswith(f"{phase}/"))
    return PhaseOf(name=phase, checks=checks, share=_SHARES[phase])


def _schema() -> PhaseOf:
    with _needing_extra():
        from mockserver.verification.schema import schema_phase

        _keep_hypothesis_apart()
    return PhaseOf(name="schema", run=schema_phase, share=_SHARES["schema"])


def _model() -> PhaseOf:
    with _needing_extra():
        from mockserver.verification.model import model_phase

        _keep_hypothesis_apart()
    return PhaseOf(name="model", run=model_phase, share=_SHARES["model"])


def _keep_hypothesis_apart() -> None:
    """Have Hypothesis keep what it keeps among temporary files, and not in the folder of who checks."""
    from hypothesis.configuration import set_hypothesis_home_dir

    set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "customer-mockserver-hypothesis")


_PHASES: dict[str, Callable[[], PhaseOf]] = {
    "golden": partial(_listed, "golden"),
    "statements": partial(_listed, "statements"),
    "schema": _schema,
    "model": _model,
}


@contextmanager
def _needing_extra() -> Iterator[None]:
    """Turn the lack of what an extra brings into one clear line."""
    try:
        yield
    except ModuleNotFoundError as failure:
        cure = "in the clone: pip install '.[verify]', or leave the phase out with --phase"
        raise ConfigurationError(f"the package {failure.name} is not installed; {cure}") from failure


def _believed(options: CheckOptions) -> Mapping[Place, Mapping[str, Pattern]]:
    """Return what a target's file says of its customers, by place and full path."""
    said = {read_place(name): patterns for name, patterns in options.known.items()}
    return {
        place: {full_path(path, place): pattern for path, pattern in patterns.items()}
        for place, patterns in said.items()
    }


def _run(
    order: Order,
    phases: Callable[[Bench], tuple[PhaseOf, ...]],
    run: Run,
    *,
    restores: bool = True,
    believed: Mapping[Place, Mapping[str, Pattern]] = MappingProxyType({}),
) -> int:
    known, interruption = read_baseline(run.baseline), Interruption()
    with interruption.listening(), opened(order, interruption) as bench:
        masker = masker_of(bench, unmasked=run.unmasked)
        chosen = phases(bench)
        reporters = list(_reporters(order, run, masker, bench, _outlook(order, chosen, bench)))
        campaign = Campaign(
            bench=bench,
            phases=chosen,
            version=__version__,
            save_image=lambda image: save_image(image, run.save),
            strict=run.strict,
            known=known,
            restores=restores,
            believed=believed,
        )
        with closing(campaign.run()) as events:
            return _tell(events, reporters, campaign, masker, run)


def _tell(
    events: Iterator[Event], reporters: Sequence[Callable[[Event], None]], campaign: Campaign, masker: Masker, run: Run
) -> int:
    for event in events:
        if isinstance(event, Found | CampaignDone):
            refresh(masker, campaign.bench)
        if isinstance(event, Noted):
            print(masker.told(event.text), file=sys.stderr, flush=True)  # noqa: T201  # for the one who waits
        for report in reporters:
            report(event)
        if isinstance(event, CampaignDone):
            save_findings(event.findings, run.save, masker, campaign)
            return event.exit_code
    return 2


def _outlook(order: Order, phases: tuple[PhaseOf, ...], bench: Bench) -> Outlook:
    """Return about what the run takes, for who waits; where nothing slows it down nobody waits long."""
    if bench.target.limits.rate is None:
        return Outlook()
    costs = costs_of_run(order, phases, len(bench.target.places), bench.target.leave)
    return Outlook(
        exchanges={name: cost.requests for name, cost in costs.items()},
        later={name: cost.later for name, cost in costs.items()},
        rate=bench.target.limits.rate,
    )


def _reporters(
    order: Order, run: Run, masker: Masker, bench: Bench, outlook: Outlook
) -> Iterator[Callable[[Event], None]]:
    credentials = bench.courier.credentials
    view = View(
        base_url=order.url or _SERVED,
        statements=read_statements(),
        questions=read_questions(),
        mask=masker.finding,
        mask_text=masker.told,
        fillings=masker.fillings,
        headers=order.headers or {},
        token_header=TOKEN_HEADER if credentials.is_token else "",
        recipe=credentials.recipe if order.url else f"{_SERVE}\n{credentials.recipe}",
        wrong=credentials.wrong_header,
        options="" if order.ca_bundle is None else f"--cacert {shlex.quote(order.ca_bundle)}",
    )
    yield TerminalReporter(sys.stdout, view, os.environ, waiting=sys.stderr, outlook=outlook).on
    if run.learns:
        yield Learner(bench=bench, stream=sys.stdout, mask=masker.told, path=run.save_dialect).on
    for kind, path in run.reports:
        write = _writing(path)
        match kind:
            case "junit":
                yield JunitReporter(write, view).on
            case "html":
                yield HtmlReporter(write, view).on
            case _:
                yield JsonReporter(write, view).on


def _writing(path: Path) -> Callable[[str], None]:
    """Return what writes a report; that it can be written is tried before anything is sent."""
    write_text(path, "", ConfigurationError)
    return lambda text: write_text(path, text, ConfigurationError)
