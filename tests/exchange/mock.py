"""A mock in memory: the pure core and a dict of customers, which is all that a test of the rules needs.

It does what the shell does and no more: saves what an answer changed, and on `settle` does what was to
come later.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.domain.customer import Customer, CustomerId
from mockserver.domain.outcome import Later
from mockserver.domain.update import finish
from mockserver.exchange import Reply, Setting, respond
from mockserver.files import World
from mockserver.messages import Request

NOW = "2026-11-24T10:00:00Z"
LATER = "2026-11-25T11:00:00Z"
PAGE_CREDENTIALS = "Basic dGVzdiNmY2OWZmZmRkYg=="


@dataclass(slots=True, kw_only=True)
class Mock:
    """One world being served; `now` may be set between requests."""

    setting: Setting
    customers: dict[CustomerId, Customer]
    now: str = NOW
    _due: list[Later] = field(default_factory=list)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        body: object = b"",
    ) -> Reply:
        """Send a request with the page's credentials; a body other than bytes goes out as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"authorization": PAGE_CREDENTIALS}
        if content:
            sent["content-type"] = "application/json"
        request = Request(method=method, path=path, query=query, headers={**sent, **(headers or {})}, body=content)
        return self.receive(request)

    def put(
        self,
        customer: int | str,
        body: object = b"",
        *,
        query: str = "source=INSTORE",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Update a customer."""
        return self.send("PUT", f"/v2/customers/{customer}", query=query, headers=headers, body=body)

    def get(self, customer: int | str, *, query: str = "source=ALL") -> Reply:
        """Read a customer."""
        return self.send("GET", f"/v2/customers/{customer}", query=query)

    def get_loyalty(self, customer: int | str) -> Reply:
        """Read a customer's loyalty details."""
        return self.send("GET", f"/v2/customers/{customer}/loyaltyDetails")

    def receive(self, request: Request) -> Reply:
        """Answer any request, and save what it changed."""
        reply = respond(self.setting, request, load=self.customers.get, now=self.now)
        for customer in reply.changed:
            self.customers[customer.id] = customer
        if reply.later is not None:
            self._due.append(reply.later)
        return reply

    def settle(self) -> None:
        """Do all that was to come later."""
        for later in self._due:
            customer = self.customers[later.customer]
            self.customers[customer.id] = finish(customer, later, self.setting.organisation, self.setting.dialect)
        self._due.clear()

    def customer(self, number: int) -> Customer:
        """Return a customer as it is now."""
        return self.customers[CustomerId(number)]


def a_mock(setting: Setting, world: World) -> Mock:
    """Serve a world afresh, under the setting's contract, dialect and authentication."""
    return Mock(setting=setting, customers=dict(world.customers))


def body_of(reply: Reply) -> Any:  # Any: a JSON value, looked at by the test
    """Return what a reply's body says, None where it has none."""
    return json.loads(reply.response.body) if reply.response.body else None


def message_of(reply: Reply) -> str:
    """Return the text of a refusal."""
    return str(body_of(reply)["errors"][0]["message"])


def codes_of(reply: Reply) -> tuple[int, ...]:
    """Return the codes of the warnings, in their order."""
    return tuple(item["code"] for item in body_of(reply)["warnings"])


def points_of(reply: Reply) -> tuple[int, ...] | None:
    """Return the points of the side effects, None where the answer names no side effects."""
    effects = body_of(reply).get("sideEffects")
    return None if effects is None else tuple(effect["awardedPoints"] for effect in effects)


def basis_of(reply: Reply) -> frozenset[str]:
    """Return the names that an answer rests on, without their kinds."""
    return frozenset(item.partition(" ")[2] for item in reply.basis.split("; ") if item)


def flat(customer: Customer) -> dict[str, object]:
    """Return what is known of a customer by short paths, without the record of who changed it when."""
    known: dict[str, object] = {"loyalty": customer.loyalty_type}
    for profile in customer.profiles:
        where = profile.source + (f":{profile.account}" if profile.account else "")
        known |= {where: "there", f"{where}/firstName": profile.first_name, f"{where}/lastName": profile.last_name}
        known |= {f"{where}/fields/{name}": value for name, value in profile.fields.items()}
        known |= {f"{where}/identifiers/{item.type}": item.value for item in profile.identifiers}
        known |= {
            f"{where}/{item.type}:{item.value}": (item.primary, item.verified, dict(item.meta))
            for item in profile.channels
        }
    known |= {f"extended/{name}": value for name, value in customer.extended_fields.items()}
    known |= {
        f"program/{item.program}": (item.tier, item.points, item.tier_expiry, item.points_expiry)
        for item in customer.enrolments
    }
    return known


def difference(before: Customer, after: Customer) -> dict[str, object]:
    """Return what an update made new, by the paths of `flat`; None for what it took away."""
    old, new = flat(before), flat(after)
    return {path: new.get(path) for path in {**old, **new} if path not in old or old[path] != new.get(path)}
