"""What `check` and `replay` do: options become an order, a campaign runs, reporters write, and the exit code is its."""

import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qs

from mockserver import __version__
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
from mockserver.errors import ConfigurationError, TargetError
from mockserver.exchange import Setting
from mockserver.files import (
    read_dialect,
    read_dialects,
    read_questions,
    read_report,
    read_statements,
    read_world,
    write_text,
)
from mockserver.messages import Request
from mockserver.reporting import HtmlReporter, JsonReporter, JunitReporter, TerminalReporter, View
from mockserver.verification.bench import Bench
from mockserver.verification.campaign import Campaign, PhaseOf
from mockserver.verification.courier import NotAllowedError
from mockserver.verification.credentials import Credentials, read_credentials
from mockserver.verification.events import CampaignDone, Event, Found, Noted
from mockserver.verification.exchanges import read_body
from mockserver.verification.expectation import Pattern
from mockserver.verification.findings import Finding, Grade, Key
from mockserver.verification.golden import GoldenExchange, check_of
from mockserver.verification.golden_files import read_golden_exchanges
from mockserver.verification.golden_placeholders import full_path
from mockserver.verification.golden_writing import write_golden
from mockserver.verification.listed import listed_checks
from mockserver.verification.masking import Masker
from mockserver.verification.opening import Order, is_loopback, opened, places_of
from mockserver.verification.personal import personal_texts
from mockserver.verification.restoring import RESTORATION, RESTORED, BeforeImage
from mockserver.verification.spellings import vocabulary
from mockserver.verification.state import State
from mockserver.verification.target import Leave, Limits, Place, read_place
from mockserver.verification.transport import read_url

_LOCAL_PHASES = frozenset({"schema", "model"})  # run off loopback only when they are named
_SHARES = {"golden": 3.0, "statements": 3.0, "schema": 2.0, "model": 2.0}
_NO_URL = "http://mock.invalid"  # in commands to copy, where the target has no address


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How a campaign is run and told: what is asked for besides the target itself."""

    seed: int | None = None
    strict: bool = False
    reports: tuple[tuple[str, Path], ...] = ()
    save: Path | None = None
    baseline: Path | None = None
    unmasked: bool = False


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
        ca_bundle=None if options.ca_bundle is None else str(options.ca_bundle),
        timeout=30.0 if options.timeout is None else read_seconds(options.timeout, "--timeout"),
        seed=seed,
    )


def _credentials(options: CheckOptions) -> Credentials | None:
    if options.auth_env is None:
        return None
    return read_credentials(read_secret(options.auth_env), options.auth_env)


def check(options: CheckOptions, run: Run) -> int:
    """Check a target, and return the exit code: 0 nothing, 1 findings, 2 could not check."""
    seed = secrets.randbelow(2**31) if run.seed is None else run.seed
    order = read_order(options, seed=seed)
    return _run(order, phases_of(options), run, believed=_believed(options))


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
    checks = tuple(check_of(golden) for golden in findings or exchanges)
    try:
        return _run(order, (PhaseOf(name="replay", checks=checks),), run, restores=bool(findings))
    except NotAllowedError as failure:
        raise ConfigurationError(f"{failure}; name the customer with --customer") from failure


def _places_in(exchanges: Sequence[GoldenExchange]) -> Iterator[Place]:
    """Give the place of each saved exchange, and one of each other customer whom its requests name."""
    named: set[int] = set()
    for golden in exchanges:
        if golden.place is None:
            continue
        steps = (_place_at(step.send.path, step.send.query or "") for step in golden.steps)
        for place in (golden.place, *(place for place in steps if place is not None)):
            if place.customer not in named:
                yield place
                named.add(place.customer)


def plan(options: CheckOptions) -> Iterator[str]:
    """Give the lines of a plan: which checks would run, and which would not and why. Nothing is sent."""
    order = read_order(options, seed=0)
    leave = Leave.IRREVERSIBLE if order.url is None else order.leave
    places = order.places or (places_of(order.world) if order.url is None else ())
    yield f"target     {order.url or 'a mock in memory'}"
    yield f"customers  {', '.join(str(place) for place in places) or 'none is named; see --customer'}"
    yield f"allowed    {', '.join(one.name.lower() for one in Leave if one <= leave)}"
    for phase in phases_of(options):
        yield ""
        yield f"phase {phase.name}"
        if phase.run is not None:
            yield "  requests that are generated, within the phase's part of --budget and --max-time"
        for one in sorted(phase.checks, key=lambda check: check.leave):
            will = "would run" if one.leave <= leave else f"needs --allow {one.leave.name.lower()}"
            yield f"  {will:<27} {one.id}: {one.law}"


def phases_of(options: CheckOptions) -> tuple[PhaseOf, ...]:
    """Return the phases that are asked for; off this machine the generating ones run only when they are named."""
    named = read_names(options.phases, PHASE_NAMES, "--phase")
    is_near = options.url is None or is_loopback(options.url)
    usual = tuple(name for name in PHASE_NAMES if is_near or name not in _LOCAL_PHASES)
    return tuple(_PHASES[name]() for name in named or usual)


def _listed(phase: str) -> PhaseOf:
    checks = tuple(check for name, check in listed_checks().items() if name.startswith(f"{phase}/"))
    return PhaseOf(name=phase, checks=checks, share=_SHARES[phase])


def _schema() -> PhaseOf:
    with _needing_extra():
        from mockserver.verification.schema import schema_phase
    return PhaseOf(name="schema", run=schema_phase, share=_SHARES["schema"])


def _model() -> PhaseOf:
    with _needing_extra():
        from mockserver.verification.model import model_phase
    return PhaseOf(name="model", run=model_phase, share=_SHARES["model"])


_PHASES: dict[str, Callable[[], PhaseOf]] = {
    "golden": partial(_listed, "golden"),
    "statements": partial(_listed, "statements"),
    "schema": _schema,
    "model": _model,
}


class _needing_extra:  # noqa: N801  # reads as a statement
    """Turn the lack of what an extra brings into one clear line."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, failure: BaseException | None, __: object) -> None:
        if isinstance(failure, ModuleNotFoundError):
            cure = "pip install 'customer-mockserver[verify]', or leave the phase out with --phase"
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
    phases: tuple[PhaseOf, ...],
    run: Run,
    *,
    restores: bool = True,
    believed: Mapping[Place, Mapping[str, Pattern]] = MappingProxyType({}),
) -> int:
    known = _known(run.baseline)
    with opened(order) as bench:
        masker = _masker(bench, run)
        bench.reader.watch = partial(_learn, masker)
        bench.courier.watch = partial(_spare_sent, masker)
        reporters = list(_reporters(order, run, masker))
        campaign = Campaign(
            bench=bench,
            phases=phases,
            version=__version__,
            save_image=lambda image: _save_image(image, run, masker),
            strict=run.strict,
            known=known,
            restores=restores,
            believed=believed,
        )
        try:
            with closing(campaign.run()) as events:
                return _tell(events, reporters, campaign, masker, run)
        except KeyboardInterrupt:  # it came while an event was told, or once more during the restoration
            raise TargetError(
                "interrupted; see the before-image, if one was kept, for what may have to be written back"
            ) from None


def _tell(
    events: Iterator[Event], reporters: Sequence[Callable[[Event], None]], campaign: Campaign, masker: Masker, run: Run
) -> int:
    for event in events:
        if isinstance(event, Found | CampaignDone):
            _refresh(masker, campaign.bench)
        if isinstance(event, Noted):
            print(masker.text(event.text), file=sys.stderr, flush=True)  # noqa: T201  # for the one who waits
        for report in reporters:
            report(event)
        if isinstance(event, CampaignDone):
            _save_findings(event.findings, run, masker, campaign)
            return event.exit_code
    return 2


def _learn(masker: Masker, state: State) -> None:
    for text in personal_texts(state):
        masker.learn(text)


def _spare_sent(masker: Masker, request: Request) -> None:
    """What is sent and was not read before was made up here; it stays in clear, so that a finding can be replayed."""
    if request.method not in ("GET", "HEAD"):
        for text in _texts_in(read_body(request.body)):
            if not masker.has_learnt(text):
                masker.spare(text)


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from _texts_in(one)


def _masker(bench: Bench, run: Run) -> Masker:
    """On a mock's own world nobody is real, so only secrets are hidden there."""
    return Masker(
        secrets.token_bytes(16),
        bench.courier.credentials.secrets,
        (*vocabulary(bench.target.setting.contract.document), *(str(one.customer) for one in bench.target.places)),
        keeps_personal=run.unmasked or bench.target.disposable,
    )


def _refresh(masker: Masker, bench: Bench) -> None:
    """Tell the masker what the run has made up, and which tokens it was given, since it was told last."""
    for word in bench.made_up:
        masker.spare(word)
    for secret in bench.courier.credentials.secrets:
        masker.hide(secret)


def _reporters(order: Order, run: Run, masker: Masker) -> Iterator[Callable[[Event], None]]:
    view = View(
        base_url=order.url or _NO_URL,
        statements=read_statements(),
        questions=read_questions(),
        mask=masker.finding,
        mask_text=masker.text,
    )
    yield TerminalReporter(sys.stdout, view, os.environ).on
    for kind, path in run.reports:
        write = _writing(path)
        match kind:
            case "junit":
                yield JunitReporter(write, view, strict=run.strict).on
            case "html":
                yield HtmlReporter(write, view).on
            case _:
                yield JsonReporter(write, view).on


def _writing(path: Path) -> Callable[[str], None]:
    """Return what writes a report; that it can be written is tried before anything is sent."""
    write_text(path, "", ConfigurationError)
    return lambda text: write_text(path, text, ConfigurationError)


def _known(baseline: Path | None) -> frozenset[Key]:
    if baseline is None:
        return frozenset()
    found = read_report(baseline)["findings"]
    return frozenset(_finding_of(item).key for item in found if isinstance(item, dict))


def _finding_of(item: dict[str, object]) -> Finding:
    """Read as much of a reported finding as says which bug it is."""
    check, statement, question = (str(item.get(name, "")) for name in ("check", "statement", "question"))
    try:
        grade = Grade(str(item.get("grade")))
        return Finding(grade=grade, check=check, phase="", promised="", came="", statement=statement, question=question)
    except ValueError as cause:
        raise ConfigurationError(f"--baseline holds a finding of no known grade: {item.get('grade')!r}") from cause


def _save_image(image: BeforeImage, run: Run, masker: Masker) -> str:
    """Keep the before-image, which alone holds values in clear, where only its owner can read it."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = (run.save or Path()) / f"mockserver-restore-{stamp}.yaml"
    place = next(iter(image.states), Place(customer=0))
    text = write_golden(RESTORATION, image.steps(), place=place, leave=Leave.WRITES)
    write_text(path, text, ConfigurationError, private=True)
    told = str(path if path.is_absolute() or run.save else f"./{path}")
    masker.spare(told)  # its time is no mobile number
    return told


def _save_findings(findings: Sequence[Finding], run: Run, masker: Masker, campaign: Campaign) -> None:
    """Write one file per finding, which `replay` sends again; for a failed restoration there is the before-image."""
    target, unknown = campaign.bench.target, f"/v2/customers/{campaign.bench.courier.unknown}"
    leaves = {(phase.name, check.id): check.leave for phase in campaign.phases for check in phase.checks}
    replayable = [finding for finding in findings if finding.check != RESTORED] if run.save else []
    for number, finding in enumerate(replayable, start=1):
        shown = masker.finding(finding)
        name = f"{number:02}-{finding.grade}-{finding.question or finding.statement or finding.check}.yaml"
        writes = any(step.request.method == "PUT" for step in finding.steps)
        leave = leaves.get((finding.phase, finding.check), target.leave if writes else Leave.READS)
        text = write_golden(
            f"{shown.promised}",
            shown.steps,
            place=_place_of(finding, target.places),
            statements=[shown.statement] if shown.statement else [],
            questions=[shown.question] if shown.question else [],
            leave=leave if _sends_the_same(finding, shown) else Leave.IRREVERSIBLE,
            came=shown.came,
        )
        text = text.replace(f"path: {unknown}\n", "path: /v2/customers/{unknown}\n")  # an id is looked for anew
        write_text((run.save or Path()) / name, text, ConfigurationError)


def _sends_the_same(finding: Finding, shown: Finding) -> bool:
    """Tell whether masking left the requests as they were; a masked address would be a channel of its own."""
    return [step.request for step in finding.steps] == [step.request for step in shown.steps]


def _place_of(finding: Finding, named: Sequence[Place]) -> Place:
    """Return the named place that the requests are about: the very one, else one of the customer, else the first."""
    asked = [place for step in finding.steps if (place := _place_at(step.request.path, step.request.query))]
    customers = {place.customer for place in asked}
    near = (place for place in named if place.customer in customers)
    return next((place for place in asked if place in named), next(near, next(iter(named), Place(customer=0))))


def _place_at(path: str, query: str) -> Place | None:
    """Return the place that a request names, None where it names no customer by number."""
    number = path.rpartition("/v2/customers/")[2].partition("/")[0]
    if not (number.isascii() and number.isdigit()):
        return None
    asked = parse_qs(query)
    source = next(iter(asked.get("source", ["INSTORE"])))
    return Place(customer=int(number), source=source, account=next(iter(asked.get("accountId", [])), None))
