"""The pure core as the oracle: what must come of a request, and which listed answer explains what came instead.

A deployment answers the open questions of the page in its own way. Its dialect is learnt as it shows: the oracle begins
with the dialect that is expected, and an answer that explained one difference is taken for granted from then on, so
that two differences that meet in one exchange are still explained.

What the assumed organisation alone decides (which incentives are paid) is left out of every comparison.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mockserver.domain.customer import (
    Attribution,
    CommChannel,
    Customer,
    CustomerId,
    Enrolment,
    Identifier,
    Profile,
)
from mockserver.exchange import Reply, Setting, respond
from mockserver.exchange.dialects import Answer
from mockserver.messages import Request
from mockserver.verification.exchanges import Exchange, codes_of, read_body
from mockserver.verification.state import State, changes_between, state_of

# Warnings that the rules of the update give: one of these that was not predicted is a difference, any other is the
# deployment's own affair.
RULE_WARNINGS = frozenset({521, 1017, 1101, 8010, 8054, 8057, 8058, 10002, 91005, 91006, 91015})
_IN_BACKGROUND = "UPD-QRY-3"
_STAMP = Attribution(created="", created_by="", modified="", modified_by="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a request, in the terms by which a prediction and an observation are compared.

    `points` are those of the side effects; None where the answer names no side effects. `changes` are by path, None
    where nobody looked; those of programs are among them where somebody `saw_programs`. `shape` has the JSON types of
    the members whose form is a question.
    """

    status: int
    code: int | None
    warnings: tuple[int, ...] = ()
    points: tuple[float, ...] | None = None
    changes: Mapping[str, Any] | None = None
    saw_programs: bool = True
    shape: Mapping[str, str] | None = None

    @property
    def granted(self) -> bool:
        """Tell whether the request was granted."""
        return self.code is None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What the core answers: its outcome, the state afterwards, and the statements and questions that it rests on.

    `incentives` are the points that the assumed organisation pays for becoming loyalty, which a target may not pay.
    """

    outcome: Outcome
    after: State
    names: tuple[str, ...]
    reply: Reply
    becomes_loyalty: bool


def observe(exchange: Exchange, changes: Mapping[str, Any] | None, *, saw_programs: bool = True) -> Outcome:
    """Return what came of an exchange."""
    return Outcome(
        status=exchange.response.status,
        code=None if exchange.granted else exchange.code or exchange.response.status,
        warnings=exchange.warnings,
        points=exchange.points if _names_effects(exchange.body) else None,
        changes=changes,
        saw_programs=saw_programs,
        shape=_shape_of(exchange.body),
    )


def _names_effects(body: Any) -> bool:
    return isinstance(body, Mapping) and "sideEffects" in body


def _shape_of(body: Any) -> dict[str, str]:
    """Return the JSON types of the members whose type is a question of form."""
    members = body if isinstance(body, Mapping) else {}
    return {name: type(members[name]).__name__ for name in ("createdId", "warnings", "sideEffects") if name in members}


def customer_of(state: State) -> Customer:
    """Return the customer that reads showed, as the rules see one; what no rule looks at is left out."""
    body = state.bodies[0] if state.bodies else {}
    loyalty = state.bodies[1] if len(state.bodies) > 1 else {}
    return Customer(
        id=CustomerId(state.customer),
        loyalty_type=str(state.flat.get("loyaltyType", "non_loyalty")),
        profiles=tuple(_profile_of(item) for item in _objects(body.get("profiles"))),
        extended_fields=dict(body.get("extendedFields") or {}),
        enrolments=tuple(_enrolment_of(item) for item in _objects(loyalty.get("data"))),
        attribution=_STAMP,
    )


def _profile_of(item: Mapping[str, Any]) -> Profile:
    return Profile(
        source=str(item.get("source")),
        account=item.get("accountId") or None,
        first_name=item.get("firstName"),
        last_name=item.get("lastName"),
        fields={name: value for name, value in (item.get("fields") or {}).items() if value is not None},
        identifiers=tuple(
            Identifier(type=str(one.get("type")), value=str(one.get("value")))
            for one in _objects(item.get("identifiers"))
        ),
        channels=tuple(_channel_of(one) for one in _objects(item.get("commChannels"))),
        attribution=_STAMP,
    )


def _channel_of(item: Mapping[str, Any]) -> CommChannel:
    return CommChannel(
        type=str(item.get("type")),
        value=str(item.get("value")),
        primary=item.get("primary") in (True, "true"),
        verified=item.get("verified") in (True, "true"),
        meta=dict(item.get("meta") or {}),
    )


def _enrolment_of(item: Mapping[str, Any]) -> Enrolment:
    return Enrolment(
        program=int(item.get("programId") or 0),
        tier=int(item.get("slabSNo") or 0),
        points=int(item.get("loyaltyPoints") or 0),
        tier_expiry=item.get("slabExpiryDate") or None,
    )


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from (item for item in value if isinstance(item, Mapping)) if isinstance(value, list) else ()


class Oracle:
    """Predicts under a setting, whose dialect grows more like the target's with each difference that is explained."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.learnt: dict[str, str] = {}

    def predict(self, before: State, request: Request, now: str, *, setting: Setting | None = None) -> Prediction:
        """Return what must come of a request to the customer whose state is `before`, credentials aside."""
        known = customer_of(before)
        held = {known.id: known} if before.bodies else {}
        spoken = setting or self.setting
        reply = respond(spoken, _authorised(request), load=held.get, now=now)
        for customer in reply.changed:
            held[customer.id] = customer
        final = _settled(held.get(known.id, known), reply, spoken)
        after = state_of(final, with_programs=before.has_programs)
        body = read_body(reply.response.body)
        outcome = Outcome(
            status=reply.response.status,
            code=reply.code,
            warnings=codes_of(body, "warnings"),
            points=_points_of(body),
            changes=changes_between(state_of(known, with_programs=before.has_programs), after),
            shape=_shape_of(body),
        )
        return Prediction(
            outcome=outcome,
            after=after,
            names=tuple(item.partition(" ")[2] for item in reply.basis.split("; ") if item),
            reply=reply,
            becomes_loyalty=known.loyalty_type != final.loyalty_type,
        )

    def explain(self, before: State, request: Request, came: Outcome, now: str) -> tuple[Answer, ...]:
        """Return the listed answers each of which alone explains what came, none where no one answer does."""
        dialects = self.setting.dialects
        if dialects is None:
            return ()
        predicted = self.predict(before, request, now)
        fitting = []
        for answer in self._candidates(predicted.names):
            other = self.setting.under(dialects.with_answers(self.setting.dialect, answer))
            alone = replace(other, dialects=None)  # only what comes is wanted, not what that rests on
            if agrees(self.predict(before, request, now, setting=alone), came, with_form=True):
                fitting.append(answer)
        return tuple(fitting)

    def learn(self, answer: Answer) -> None:
        """Take an answer for granted from now on."""
        dialects = self.setting.dialects
        if dialects is not None:
            self.learnt[answer[0]] = answer[1]
            self.setting = self.setting.under(dialects.with_answers(self.setting.dialect, answer))

    def _candidates(self, names: tuple[str, ...]) -> Iterator[Answer]:
        """Give the other answers to the questions that the prediction names, and to those of form."""
        questions = self.setting.dialects.questions if self.setting.dialects is not None else {}
        for question in questions.values():
            if question.id in names or question.form:
                present = self.setting.dialect[question.id]
                yield from ((question.id, answer) for answer in question.implemented if answer != present)


def _authorised(request: Request) -> Request:
    """The oracle judges what was asked, not who asked; it asks as the page's own sample does."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers.pop("prefer", None)
    return Request(
        method=request.method,
        path=request.path,
        query=request.query,
        headers={"authorization": "Basic dGVzdA==", **headers},
        body=request.body,
    )


def _settled(customer: Customer, reply: Reply, setting: Setting) -> Customer:
    from mockserver.domain.update import finish

    return customer if reply.later is None else finish(customer, reply.later, setting.organisation, setting.dialect)


def _points_of(body: Any) -> tuple[float, ...] | None:
    if not _names_effects(body):
        return None
    effects = body["sideEffects"]
    listed = [effects] if isinstance(effects, Mapping) and effects else effects
    return tuple(item["awardedPoints"] for item in _objects(listed) if item.get("type") == "points")


def agrees(predicted: Prediction, came: Outcome, *, with_form: bool = False) -> bool:
    """Tell whether what came is what was predicted; `with_form` looks at types of members too."""
    outcome = predicted.outcome
    if outcome.granted != came.granted or outcome.status != came.status:
        return False
    if not outcome.granted and outcome.code != came.code:
        return False
    if with_form and not _same_form(outcome, came):
        return False
    if outcome.granted and not (_same_warnings(outcome, came) and _same_effects(predicted, came)):
        return False
    return came.changes is None or outcome.changes is None or _same_changes(predicted, came, came.changes)


def _same_form(outcome: Outcome, came: Outcome) -> bool:
    return outcome.shape == came.shape


def _same_warnings(outcome: Outcome, came: Outcome) -> bool:
    return sorted(outcome.warnings) == sorted(code for code in came.warnings if code in RULE_WARNINGS)


def _same_effects(predicted: Prediction, came: Outcome) -> bool:
    """Side effects that were predicted are there; more may be, as incentives of the target's own.

    In the background none are returned, the target's own no more than others.
    """
    if _IN_BACKGROUND in predicted.names:
        return not came.points
    expected = predicted.outcome.points
    if expected is None:
        return not came.points
    if came.points is None:
        return False
    if predicted.becomes_loyalty:
        return True
    rest = list(came.points)
    for points in expected:
        if points not in rest:
            return False
        rest.remove(points)
    return True


def _same_changes(predicted: Prediction, came: Outcome, changes: Mapping[str, Any]) -> bool:
    expected = predicted.outcome.changes or {}
    open_paths = _open_paths(predicted, changes)
    paths = {path for path in {**expected, **changes} if path not in open_paths}
    seen = {path for path in paths if came.saw_programs or not path.startswith("programs/")}
    return all(path in expected and path in changes and expected[path] == changes[path] for path in seen)


def _open_paths(predicted: Prediction, came: Mapping[str, Any]) -> frozenset[str]:
    """On becoming loyalty an organisation pays what incentives it likes, in which program it likes."""
    if not predicted.becomes_loyalty:
        return frozenset()
    return frozenset(path for path in {**came, **(predicted.outcome.changes or {})} if path.endswith("/points"))
