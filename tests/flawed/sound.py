"""Sound deployments, by name: what the checker must say nothing about, each for a reason of its own."""

import json
from collections.abc import Mapping
from itertools import count
from typing import Any

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.organisation import Incentive, Organisation
from mockserver.domain.outcome import Later
from mockserver.exchange import Reply, refuse
from mockserver.messages import Request, Response
from mockserver.values import replace
from tests.flawed.asking import ASHA, MERGED
from tests.flawed.deployment import Deployment
from tests.flawed.flaw import Sound, answering, deployed
from tests.flawed.sound_on_the_wire import ON_THE_WIRE
from tests.flawed.twists import answered, is_update, showing, with_profiles
from tests.flawed.unreliable import UNRELIABLE

_LATE_SECONDS = 0.3
_LATER_SECONDS = 2.0
_MUCH_LATER_SECONDS = 3.0
_SLOW_SECONDS = 0.03
_NAMED = range(ASHA, MERGED + 1)
_8107 = {"status": False, "code": 8107, "message": "Default customer status label not set"}


class _Slow(Deployment):
    """Each answer is late; those of others are not held up."""

    def handle(self, request: Request) -> Response:
        self.clock.wait(_SLOW_SECONDS)
        return Deployment.handle(self, request)


class _StrangersChange:
    """With each request one of the customers whom nobody named gets another name and more points."""

    def __init__(self) -> None:
        self._requests = count(1)

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        strangers = sorted(key for key in deployment.customers if key not in _NAMED)
        number = next(self._requests)
        stranger = deployment.customers[strangers[number % len(strangers)]]
        deployment.customers[stranger.id] = _changed(stranger, number)
        return deployment.ask(request)


def _changed(stranger: Customer, number: int) -> Customer:
    enrolments = tuple(replace(held, points=held.points + 1) for held in stranger.enrolments)
    renamed = with_profiles(stranger, lambda held: replace(held, first_name=f"Stranger {number}"))
    return replace(renamed, enrolments=enrolments)


class _LateReads:
    """Reads show an update some time after its answer; updates themselves see all that was answered."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._before: list[tuple[float, dict[CustomerId, Customer]]] = []

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        now = deployment.clock.now()
        self._before = [each for each in self._before if each[0] > now - self._seconds]
        if request.method != "PUT":
            return deployment.ask(request, self._before[0][1] if self._before else None)
        reply = deployment.ask(request)
        if reply.changed or reply.later:
            self._before.append((now, dict(deployment.customers)))
        return reply


class _LateWork:
    """What comes after an answer under use_async=true takes its time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._due: list[tuple[float, Later]] = []

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        now = deployment.clock.now()
        for _, later in [each for each in self._due if each[0] <= now]:
            deployment.finish(later)
        self._due = [each for each in self._due if each[0] > now]
        reply = deployment.ask(request)
        if reply.later is not None:
            self._due.append((now + self._seconds, reply.later))
        return replace(reply, later=None)


class _Throttles:
    """Every seventh request is not executed; the first such asks for a second's patience, the others for none."""

    def __init__(self) -> None:
        self._requests = count(1)

    def __call__(self, deployment: Deployment, request: Request) -> Reply:
        number = next(self._requests)
        if number % 7:
            return deployment.ask(request)
        wait = {"Retry-After": "1" if number == 7 else "0"}
        return refuse(deployment.setting, "429", "too many requests", headers=wait)


def _with_more_members(response: Response) -> Response:
    headers = {**response.headers, "Content-Type": "application/json;charset=UTF-8", "Server": "vendor", "X-Took": "7"}
    if not response.body:
        return replace(response, headers=headers)
    shown = _more(json.loads(response.body))
    return replace(response, headers=headers, body=json.dumps(shown, ensure_ascii=False, indent=1).encode())


def _more(value: Any) -> Any:
    """Add a member to every object, and turn its members round; but for the maps of which names are the caller's."""
    if isinstance(value, list):
        return [_more(item) for item in value]
    if not isinstance(value, dict):
        return value
    turned = reversed(value.items())
    caller_named = ("fields", "extendedFields", "meta")
    members = {name: each if name in caller_named else _more(each) for name, each in turned}
    return {"traceId": "a7", **members, "extra": {"of": ["the", "vendor"]}}


def _warned(body: Any) -> Any:
    return {**body, "warnings": [*body["warnings"], _8107]}


def _with_empty_401(response: Response) -> Response:
    headers = {name: value for name, value in response.headers.items() if name.lower() != "content-type"}
    return replace(response, headers=headers, body=b"")


def _pays(*incentives: tuple[int, int]) -> Any:
    paid = tuple(Incentive(program=program, points=points) for program, points in incentives)

    def change(organisation: Organisation) -> Organisation:
        return replace(organisation, incentives=paid)

    return lambda: Deployment(organisation=change)


ALL_SOUND: tuple[Sound, ...] = (
    Sound(name="as-is", says="A deployment under the documented dialect.", make=Deployment),
    Sound(name="slow", says="Each answer is 30 ms late.", make=_Slow),
    Sound(
        name="strangers-change",
        says="Customers whom nobody named change meanwhile.",
        make=lambda: Deployment(_StrangersChange()),
    ),
    Sound(
        name="more-members",
        says="Every object has members of which the page says nothing, in another order; there are more headers.",
        make=deployed(answered(lambda _: True, _with_more_members)),
    ),
    Sound(
        name="created-id-text",
        says="createdId is text, as the page's table says.",
        make=answering(created_id_type="text"),
    ),
    Sound(
        name="warns-8107",
        says="Every accepted update has the warning 8107, which is about the organisation.",
        make=deployed(showing(is_update, _warned)),
    ),
    Sound(
        name="more-incentives",
        says="Becoming loyalty pays 40 points in program 1016 too, where the customer is in it.",
        make=_pays((699, 25), (1016, 40)),
    ),
    Sound(name="other-incentives", says="Becoming loyalty pays 60 points.", make=_pays((699, 60))),
    Sound(name="no-incentives", says="Becoming loyalty pays nothing.", make=_pays()),
    Sound(
        name="async-empty-list",
        says="With use_async=true sideEffects is an empty list.",
        make=answering(async_side_effects="empty"),
    ),
    Sound(
        name="errors-with-warnings",
        says="Refusals have an empty list of warnings beside errors.",
        make=answering(error_envelope="with-warnings"),
    ),
    Sound(
        name="other-401",
        says="A request without credentials is refused with 401 and an empty body.",
        make=deployed(answered(lambda reply: reply.code == 401, _with_empty_401)),
    ),
    Sound(
        name="late-reads",
        says="Reads show an update 300 ms after its answer.",
        make=lambda: Deployment(_LateReads(_LATE_SECONDS)),
        settles_in=_LATE_SECONDS,
    ),
    Sound(
        name="later-reads",
        says="Reads show an update two seconds after its answer.",
        make=lambda: Deployment(_LateReads(_LATER_SECONDS)),
        settles_in=_LATER_SECONDS,
    ),
    Sound(
        name="late-work",
        says="With use_async=true points are credited 300 ms after the answer.",
        make=lambda: Deployment(_LateWork(_LATE_SECONDS)),
        settles_in=_LATE_SECONDS,
    ),
    Sound(
        name="later-work",
        says="With use_async=true points are credited three seconds after the answer.",
        make=lambda: Deployment(_LateWork(_MUCH_LATER_SECONDS)),
        settles_in=_MUCH_LATER_SECONDS,
    ),
    Sound(
        name="throttles",
        says="Every seventh request is answered 429 and not executed.",
        make=lambda: Deployment(_Throttles()),
    ),
)
SOUND: Mapping[str, Sound] = {sound.name: sound for sound in (*ALL_SOUND, *ON_THE_WIRE, *UNRELIABLE)}
