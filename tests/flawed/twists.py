"""How a flaw is put in: before the request is read, in what is saved, or in what is shown.

All of them leave alone what they are not about, so that each flaw is one flaw.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mockserver.domain.customer import Attribution, Customer, Enrolment, Profile
from mockserver.exchange import Reply, refuse
from mockserver.messages import Request, Response
from mockserver.values import replace
from tests.flawed.asking import parameter_of
from tests.flawed.deployment import Deployment, Twist

# Any: what a client sent as JSON, of any shape.
Sent: TypeAlias = Mapping[str, Any]
Keep: TypeAlias = Callable[[Customer, Customer, Sent], Customer]
When: TypeAlias = Callable[[Reply], bool]


def receiving(change: Callable[[Request], Request], *, method: str = "PUT") -> Twist:
    """Answer another request than the one that came."""
    return lambda deployment, request: deployment.ask(change(request) if request.method == method else request)


def refusing(is_refused: Callable[[Sent], bool], code: str = "500") -> Twist:
    """Refuse the updates of which the body says so."""

    def twist(deployment: Deployment, request: Request) -> Reply:
        if request.method == "PUT" and is_refused(sent_by(request)):
            return refuse(deployment.setting, code, "flawed")
        return deployment.ask(request)

    return twist


def saving(keep: Keep) -> Twist:
    """Save another customer than an accepted update makes: `keep` gets before, after, and what was sent."""

    def twist(deployment: Deployment, request: Request) -> Reply:
        reply = deployment.ask(request)
        if not is_update(reply):
            return reply
        before, after = before_and_after(deployment, reply)
        return replace(reply, changed=(keep(before, after, sent_by(request)),))

    return twist


def saving_profiles(keep: Callable[[Profile, Profile], Profile]) -> Twist:
    """Save other profiles: `keep` gets each one before (empty where it is new) and after."""

    def keep_all(before: Customer, after: Customer, sent: Sent) -> Customer:
        return with_profiles(after, lambda profile: keep(profile_before(before, profile), profile))

    return saving(keep_all)


def showing(when: When, change: Callable[[Any], Any]) -> Twist:
    """Show another body where `when` says so."""

    def twist(deployment: Deployment, request: Request) -> Reply:
        reply = deployment.ask(request)
        return with_body(reply, change(json.loads(reply.response.body))) if when(reply) else reply

    return twist


def answered(when: When, change: Callable[[Response], Response]) -> Twist:
    """Send another response where `when` says so."""

    def twist(deployment: Deployment, request: Request) -> Reply:
        reply = deployment.ask(request)
        return replace(reply, response=change(reply.response)) if when(reply) else reply

    return twist


def is_update(reply: Reply) -> bool:
    """Tell an accepted update."""
    return reply.operation == "updateCustomer" and reply.code is None


def is_customer(reply: Reply) -> bool:
    """Tell a customer that was read."""
    return reply.operation == "getCustomer" and reply.code is None


def is_standing(reply: Reply) -> bool:
    """Tell loyalty details that were read."""
    return reply.operation == "getLoyaltyDetails" and reply.code is None


def is_refusal(reply: Reply) -> bool:
    """Tell a refusal."""
    return reply.code is not None


def before_and_after(deployment: Deployment, reply: Reply) -> tuple[Customer, Customer]:
    """Return the customer of an accepted update as it was and as it will be."""
    [before] = [customer for customer in deployment.customers.values() if customer.id == reply.customer]
    return before, reply.changed[0] if reply.changed else before


def with_body(reply: Reply, body: Any, status: int | None = None) -> Reply:
    """Return the reply with another JSON body, and another status if one is given."""
    content = json.dumps(body).encode()
    return replace(reply, response=replace(reply.response, body=content, status=status or reply.response.status))


def with_profiles(customer: Customer, change: Callable[[Profile], Profile]) -> Customer:
    """Return the customer with each profile changed."""
    return replace(customer, profiles=tuple(change(profile) for profile in customer.profiles))


def with_profile(customer: Customer, request: Request, change: Callable[[Profile], Profile]) -> Customer:
    """Return the customer with the profile changed that the query names."""
    place = parameter_of(request, "source"), parameter_of(request, "accountId")
    return with_profiles(customer, lambda held: change(held) if (held.source, held.account) == place else held)


def changed_values(before: Mapping[str, Any], after: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """Return the members of an object, with those changed that an update set."""
    return {name: value if before.get(name) == value else change(value) for name, value in after.items()}


def profile_before(before: Customer, profile: Profile) -> Profile:
    """Return a profile as it was; empty where it is new."""
    empty = Profile(source=profile.source, account=profile.account, attribution=profile.attribution)
    return before.profile_of(profile.source, profile.account) or empty


def sent_by(request: Request) -> Sent:
    """Return the body that was sent, empty where it is no JSON object."""
    try:
        sent = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):  # the core refuses it
        return {}
    return sent if isinstance(sent, dict) else {}


def sends(request: Request, sent: Sent) -> Request:
    """Return the request with another body."""
    return replace(request, body=json.dumps(sent).encode())


def items_of(sent: Sent, member: str) -> list[Sent]:
    """Return the objects that a member of the body lists."""
    items = sent.get(member)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def names_of(sent: Sent) -> list[str]:
    """Return the first and last names that were sent."""
    names = [item.get(member) for item in items_of(sent, "profiles") for member in ("firstName", "lastName")]
    return [name for name in names if isinstance(name, str)]


def channels_of(sent: Sent) -> list[Sent]:
    """Return the channels that were sent."""
    return [channel for item in items_of(sent, "profiles") for channel in items_of(item, "commChannels")]


def nobody() -> Attribution:
    """Return an attribution, where a flaw makes something up."""
    stamp = "2026-01-01T00:00:00Z"
    return Attribution(created=stamp, created_by="store123", modified=stamp, modified_by="store123")


def with_enrolments(customer: Customer, change: Callable[[Enrolment], Enrolment]) -> Customer:
    """Return the customer with each enrolment changed."""
    return replace(customer, enrolments=tuple(change(held) for held in customer.enrolments))


def saving_new_enrolments(change: Callable[[Enrolment], Enrolment]) -> Twist:
    """Store the enrolments that an update makes otherwise."""

    def keep(before: Customer, after: Customer, sent: Sent) -> Customer:
        return with_enrolments(after, lambda held: held if before.enrolment_in(held.program) else change(held))

    return saving(keep)


def without_warning(body: Any, code: int) -> Any:
    """Return the answer to an update without one of its warnings."""
    return {**body, "warnings": [warning for warning in body["warnings"] if warning["code"] != code]}
