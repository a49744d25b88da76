"""Laws of restoring: what an update can write back is written back, whatever happens, and all else is told."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain.customer import Customer, CustomerId
from mockserver.exchange import Reply, refuse
from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.bench import Bench
from mockserver.verification.campaign import Campaign, PhaseOf
from mockserver.verification.events import CampaignDone, CheckDone, Event, Found, Noted, Verdict
from mockserver.verification.restoring import BeforeImage, is_irreversible
from mockserver.verification.state import State, changes_between, state_of
from mockserver.verification.target import Leave, Place
from tests.flawed.asking import ASHA, LI, RAVI, profile, put
from tests.flawed.checking import PLACES, bench_with
from tests.flawed.deployment import Deployment
from tests.flawed.serving import serve
from tests.laws.updates import Update, accepted_updates

COMMAND = (sys.executable, "-m", "mockserver")
ENVIRONMENT = {**os.environ, "STAGING_AUTH": "store123:Pass123"}
NAMED = tuple(dict.fromkeys(place.customer for place in PLACES))
CASES = settings(max_examples=30)


def is_named(update: Update) -> bool:
    """Tell whether an update goes to a place that is named."""
    source, account = update.place
    return Place(customer=update.customer, source=source, account=account) in PLACES


def adds_a_profile(update: Update) -> bool:
    """Tell whether an update goes to a source in which the named customer has no profile yet."""
    return update.customer in NAMED and update.place[0] == "LINE"


EARLIER = st.lists(accepted_updates().filter(is_named), max_size=4)
UPDATES = st.lists(accepted_updates().filter(lambda update: is_named(update) or adds_a_profile(update)), max_size=4)


def request_of(update: Update) -> Request:
    return put(update.customer, update.body, update.query)


def states_of(deployment: Deployment) -> dict[int, State]:
    customers = {int(customer): held for customer, held in deployment.customers.items()}
    return {customer: state_of(customers[customer], with_programs=True) for customer in NAMED}


def differences(before: Mapping[int, State], deployment: Deployment) -> dict[int, dict[str, Any]]:
    """Return what is different of each customer now, leaving out those who are as before."""
    now = states_of(deployment)
    changes = {customer: changes_between(state, now[customer]) for customer, state in before.items()}
    return {customer: changed for customer, changed in changes.items() if changed}


def sending(updates: Sequence[Update]) -> PhaseOf:
    """Return a phase that sends these updates."""

    def run(bench: Bench) -> Iterator[Event]:
        for update in updates:
            bench.courier.send(request_of(update))
        yield CheckDone(phase="updates", check="updates", verdict=Verdict.HELD)

    return PhaseOf(name="updates", run=run)


def campaign_on(deployment: Deployment, phase: PhaseOf, *, leave: Leave) -> Campaign:
    return Campaign(bench=bench_with(deployment, leave=leave), phases=(phase,), version="test")


def prepared(updates: Sequence[Update]) -> Deployment:
    """Return a sound deployment whose customers have been updated before anybody checks it."""
    deployment = Deployment()
    for update in updates:
        deployment.handle(request_of(update))
    return deployment


def reversible(update: Update, customer: Customer) -> Update:
    """Return as much of an update as another update can undo: what the customer holds, and nothing of loyalty."""
    source, account = update.place
    held = next((one for one in customer.profiles if (one.source, one.account) == (source, account)), None)
    extended = {name: value for name, value in update.body.get("extendedFields", {}).items() if value is not None}
    kept = {name: value for name, value in extended.items() if name in customer.extended_fields}
    body: dict[str, Any] = {"extendedFields": kept}
    if held is not None:
        known = {"firstName": held.first_name, "lastName": held.last_name}
        sent = {name: update.profile[name] for name in known if known[name] is not None and name in update.profile}
        sent["fields"] = {n: v for n, v in update.profile.get("fields", {}).items() if n in held.fields}
        channels = {(channel.type, channel.value): channel for channel in held.channels}
        sent["commChannels"] = [
            {**one, "meta": {name: value for name, value in one.get("meta", {}).items() if name in channel.meta}}
            for one in update.channels
            if (channel := channels.get((one["type"], one["value"]))) is not None
        ]
        body["profiles"] = [sent]
    elif source == "LINE":  # an update of nothing in another source would add a profile
        return replace(update, query="source=INSTORE", body=body)
    return replace(update, body=body)


def outcome_of(campaign: Campaign) -> tuple[int, list[str]]:
    """Run a campaign, and return its exit code and the checks that found something."""
    events = list(campaign.run())
    [done] = [event for event in events if isinstance(event, CampaignDone)]
    return done.exit_code, [event.finding.check for event in events if isinstance(event, Found)]


@CASES
@given(earlier=EARLIER, updates=UPDATES)
def test_what_can_be_undone_is_undone(earlier: list[Update], updates: list[Update]) -> None:
    deployment = prepared(earlier)
    before = states_of(deployment)
    kept = [reversible(update, deployment.customers[CustomerId(update.customer)]) for update in updates]

    outcome = outcome_of(campaign_on(deployment, sending(kept), leave=Leave.WRITES))

    assert differences(before, deployment) == {}
    assert outcome == (0, [])


@CASES
@given(earlier=EARLIER, updates=UPDATES)
def test_of_what_cannot_be_undone_nothing_else_is_left(earlier: list[Update], updates: list[Update]) -> None:
    deployment = prepared(earlier)
    before = states_of(deployment)

    outcome = outcome_of(campaign_on(deployment, sending(updates), leave=Leave.IRREVERSIBLE))

    for customer, changed in differences(before, deployment).items():
        assert [path for path in changed if not is_irreversible(path, before[customer])] == []
    assert outcome == (0, [])


@CASES
@given(earlier=EARLIER, updates=UPDATES)
def test_a_before_image_written_back_whole_undoes_as_much(earlier: list[Update], updates: list[Update]) -> None:
    deployment = prepared(earlier)
    before = states_of(deployment)
    image = BeforeImage(states={place: before[place.customer] for place in PLACES})
    for update in updates:
        deployment.handle(request_of(update))

    for step in image.steps():
        deployment.handle(replace(step.request, headers={**put(ASHA, {}).headers, **step.request.headers}))

    for customer, changed in differences(before, deployment).items():
        assert [path for path in changed if not is_irreversible(path, before[customer])] == []


def test_what_was_left_because_it_was_allowed_is_told() -> None:
    deployment = Deployment()
    update = Update(customer=ASHA, query="source=INSTORE", body={"loyaltyInfo": {"loyaltyType": "loyalty"}})

    events = list(campaign_on(deployment, sending([update]), leave=Leave.IRREVERSIBLE).run())

    [told] = [event.text for event in events if isinstance(event, Noted) and "left as it was allowed" in event.text]
    assert "171891944@INSTORE" in told
    assert "loyaltyType" in told


def test_what_is_left_though_it_was_not_allowed_is_a_finding() -> None:
    update = Update(customer=ASHA, query="source=INSTORE", body={"loyaltyInfo": {"loyaltyType": "loyalty"}})

    outcome = outcome_of(campaign_on(Deployment(), sending([update]), leave=Leave.WRITES))

    assert outcome == (1, ["restored"])


def test_a_deployment_that_does_not_take_its_state_back_is_a_finding() -> None:
    def refuses_to_go_back(deployment: Deployment, request: Request) -> Reply:
        is_back = request.method == "PUT" and b"Asha" in request.body
        return refuse(deployment.setting, "8015", "no", headers={}) if is_back else deployment.ask(request)

    renamed = Update(customer=ASHA, query="source=INSTORE", body=profile(firstName="Tom"))

    outcome = outcome_of(campaign_on(Deployment(refuses_to_go_back), sending([renamed]), leave=Leave.WRITES))

    assert outcome == (1, ["restored"])


def test_customers_are_restored_when_a_phase_breaks_down() -> None:
    def breaks_down(bench: Bench) -> Iterator[Event]:
        yield from sending([renaming(ASHA), renaming(RAVI)]).run(bench)  # type: ignore[misc]  # it has one
        raise RuntimeError("a defect")

    deployment = Deployment()
    before = states_of(deployment)

    with pytest.raises(RuntimeError):
        list(campaign_on(deployment, PhaseOf(name="updates", run=breaks_down), leave=Leave.WRITES).run())

    assert differences(before, deployment) == {}


def test_customers_are_restored_when_nobody_listens_any_more() -> None:
    deployment = Deployment()
    before = states_of(deployment)

    with closing(campaign_on(deployment, sending([renaming(ASHA)]), leave=Leave.WRITES).run()) as events:
        next(event for event in events if isinstance(event, CheckDone))
        assert differences(before, deployment) != {}

    assert differences(before, deployment) == {}


def renaming(customer: int) -> Update:
    return Update(customer=customer, query="source=INSTORE", body=profile(firstName="Tom"))


class Interrupting:
    """A sound deployment that sends a signal to the checker, once, as soon as a customer is not as before."""

    def __init__(self, number: signal.Signals) -> None:
        self._number = number
        self._process: SimpleQueue[int] = SimpleQueue()
        self._before = states_of(Deployment())
        self.has_sent = False

    def expect(self, process: int) -> None:
        """Say which process is the checker."""
        self._process.put(process)

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        reply = deployment.ask(request)
        if not self.has_sent and any(self._is_changed(customer) for customer in reply.changed):
            self.has_sent = True
            os.kill(self._process.get(timeout=20), self._number)
        return reply

    def _is_changed(self, customer: Customer) -> bool:
        return bool(changes_between(self._before[customer.id], state_of(customer, with_programs=True)))


def checked(url: str, folder: Path, told: Callable[[int], object]) -> subprocess.CompletedProcess[str]:
    """Check a deployment with leave to write, telling the process's id."""
    customers = ("--customer", str(ASHA), "--customer", f"{RAVI}@WECHAT:22232", "--customer", f"{LI}@WECHAT:1234")
    command = [*COMMAND, "check", url, "--auth-env", "STAGING_AUTH", *customers, "--allow", "writes", "--seed", "7"]
    command += ["--rate", "1000/s"]
    with subprocess.Popen(
        [*command, "--phase", "golden,statements"],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        told(process.pid)
        out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def test_after_a_crash_the_saved_image_gives_the_customers_their_state_back(tmp_path: Path) -> None:
    crash = Interrupting(signal.SIGKILL)
    deployment = Deployment(crash)
    before = states_of(deployment)
    with serve(deployment) as url:
        crashed = checked(url, tmp_path, crash.expect)
        changed = differences(before, deployment)
        [image] = tmp_path.glob("mockserver-restore-*.yaml")
        command = [*COMMAND, "replay", str(image), url, "--allow", "writes", "--auth-env", "STAGING_AUTH"]
        command += ["--rate", "1000/s"]
        replayed = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False)

    assert (crashed.returncode, crashed.stdout) == (-signal.SIGKILL, "")
    assert f"./{image.name}" in crashed.stderr
    assert stat.S_IMODE(image.stat().st_mode) == 0o600
    assert changed != {}
    assert replayed.returncode == 0
    assert replayed.stderr.startswith("replay: checks: 1 held, 0 broken")
    assert differences(before, deployment) == {}
    assert [*tmp_path.iterdir()] == [image]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_after_an_interrupt_the_run_itself_gives_the_customers_their_state_back(
    tmp_path: Path, number: signal.Signals
) -> None:
    interrupt = Interrupting(number)
    deployment = Deployment(interrupt)
    before = states_of(deployment)
    with serve(deployment) as url:
        interrupted = checked(url, tmp_path, interrupt.expect)

    assert interrupt.has_sent
    assert interrupted.returncode == 2
    assert "interrupted; the customers are given their state back" in interrupted.stderr
    assert "Traceback" not in interrupted.stderr
    assert "0 broken" in interrupted.stdout
    assert differences(before, deployment) == {}
