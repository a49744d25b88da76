"""The start of a campaign: reads alone. Each named customer must be there, and an id is looked for that nobody has."""

from collections.abc import Iterator, Mapping
from random import Random

from mockserver.errors import TargetError
from mockserver.verification.bench import Bench
from mockserver.verification.events import Event, Found
from mockserver.verification.exchanges import Exchange
from mockserver.verification.expectation import ABSENT, Expectation, Kind, Mismatch, Pattern, mismatches
from mockserver.verification.findings import Finding, Grade, Step
from mockserver.verification.reader import customer_request
from mockserver.verification.state import read_state
from mockserver.verification.target import Place
from mockserver.verification.wording import own

_CANDIDATES = 3  # ids that are tried, to find one that nobody has


def meet(bench: Bench, believed: Mapping[Place, Mapping[str, Pattern]]) -> Iterator[Event]:
    """Read each named customer; one who cannot be read ends the campaign before it begins."""
    if not bench.target.places:
        raise TargetError("no customer is named; name one that may be read with --customer ID@SOURCE")
    unreadable = []
    for place in bench.target.places:
        exchange = bench.reader.find(place)
        if exchange.granted and isinstance(exchange.body, Mapping):
            if bench.reset is not None:  # nobody else changes a world of the run's own
                bench.judge.onlooker.know(place, read_state(place.customer, exchange.body, None))
            continue
        if exchange.response.status != 200 or exchange.body is not ABSENT:
            raise TargetError(_why_unread(place, exchange))
        unreadable.append((place, exchange))
    if len(unreadable) == len(bench.target.places):
        raise TargetError(_why_unread(*unreadable[0]))
    for place, exchange in unreadable:
        yield _unreadable(bench, place, exchange)
    bench.leave_out({place for place, _ in unreadable})
    for place, patterns in believed.items():
        if place in bench.target.places:
            _verify(bench, place, patterns)


def _verify(bench: Bench, place: Place, patterns: Mapping[str, Pattern]) -> None:
    """Hold what is said of a customer against what is read; checks that build on a wrong word would mislead."""
    state = bench.judge.state(place, with_programs=any(path.startswith("programs/") for path in patterns))
    for path, pattern in patterns.items():
        for wrong in mismatches(pattern, state.flat.get(path, ABSENT), path):
            told = f"{wrong.place} is {wrong.came}, and the target's file says {wrong.promised}"
            raise TargetError(f"{place}: {told}; mend the file, or the customer")


def _unreadable(bench: Bench, place: Place, exchange: Exchange) -> Found:
    """A read that is no JSON, while others are, is a finding; that customer is left out of all else."""
    came = own(f"status {exchange.response.status}, and no JSON")
    wrong = Mismatch(place="body", promised=own("JSON"), came=came, kind=Kind.FORM)
    return bench.found(
        Finding(
            grade=Grade.BROKEN,
            check="customer-is-read",
            phase="start",
            promised=own(f"the read of {place} answers with JSON"),
            came=came,
            wrong=(wrong,),
            statement="UPD-PRE-1",
            steps=(Step(request=exchange.request, expect=Expectation(status=200)),),
            request_id=exchange.request_id,
            at=exchange.at,
            seed=bench.seed,
        )
    )


def find_nobody(bench: Bench) -> Iterator[Event]:
    """Look for an id that the target does not have; one that has them all breaks its promise."""
    place = bench.target.places[0]
    draw = Random(bench.seed)  # noqa: S311  # an id, nothing secret
    for _ in range(_CANDIDATES):
        nobody = Place(customer=draw.randrange(800_000_000, 899_999_999), source=place.source, account=place.account)
        bench.fiction.made[str(nobody.customer)] = ""
        request = customer_request(nobody)
        exchange = bench.courier.send(request)
        if not exchange.granted:
            bench.courier.unknown = nobody.customer
            return
    step = Step(request=request, expect=Expectation(status=400, code=8015))
    came = own(f"{_CANDIDATES} ids that were made up are all read with status {exchange.response.status}")
    wrong = Mismatch(place="status", promised=own("400"), came=came, kind=Kind.GRANTED)
    yield bench.found(
        Finding(
            grade=Grade.BROKEN,
            check="unknown-customer-is-not-read",
            phase="start",
            promised=own("A read of a customer who is not there is refused with 8015"),
            came=came,
            wrong=(wrong,),
            statement="UPD-ERR-1",
            steps=(step,),
            request_id=exchange.request_id,
            at=exchange.at,
            seed=bench.seed,
        )
    )


def _why_unread(place: Place, exchange: Exchange) -> str:
    status = exchange.response.status
    if status in (401, 403):
        return f"the credentials are refused with {status}; see the variable that --auth-env names"
    if status < 400 and (exchange.body is ABSENT or status >= 300):
        return f"{place} answers {status} without JSON, as a login page does; see the URL and its path prefix"
    if exchange.code is not None:
        return f"{place} cannot be read: {exchange.code}; name a customer who is there, as ID@SOURCE[:ACCOUNT]"
    return f"{place} cannot be read: status {status}; see the URL and its path prefix"
