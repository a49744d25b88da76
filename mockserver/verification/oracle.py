"""The pure core as the oracle: what must come of a request, and which listed answer explains what came instead.

A deployment answers the open questions of the page in its own way. Its dialect is learnt as it shows: the oracle begins
with the dialect that is expected, and an answer that explained one difference is taken for granted from then on, so
that two differences that meet in one exchange are still explained.
"""

from collections.abc import Iterator, Mapping
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
from mockserver.domain.update import finish
from mockserver.exchange import Reply, Setting, respond
from mockserver.exchange.dialects import Answer
from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.exchanges import codes_of, read_body
from mockserver.verification.outcomes import Outcome, Prediction, agrees, points_of, shape_of
from mockserver.verification.state import State, changes_between, state_of

_STAMP = Attribution(created="", created_by="", modified="", modified_by="")


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
            points=points_of(body),
            changes=changes_between(state_of(known, with_programs=before.has_programs), after),
            shape=shape_of(body),
        )
        return Prediction(
            outcome=outcome,
            before=before,
            after=after,
            names=tuple(item.name for item in reply.rests_on),
            reply=reply,
            becomes_loyalty=known.loyalty_type != final.loyalty_type,
            incentives=tuple(incentive.points for incentive in spoken.organisation.incentives),
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
    return customer if reply.later is None else finish(customer, reply.later, setting.organisation, setting.dialect)
