"""One world of a mock, as a test uses it: its address, its state, its journal, its faults and its clock.

Every member may be asked from any thread, also while requests are under way: what touches the world runs in the
server's loop. State is read as it is after the last answer that a client has got.
"""

import base64
from collections.abc import Mapping
from typing import Any, Protocol, Unpack
from urllib.parse import quote

from mockserver.server.served import ServedWorld
from mockserver.testing.faulting import Disturbed, Fault, rule_of, set_fault
from mockserver.testing.hosting import DialectChoice, Host
from mockserver.testing.world_journal import WorldJournal
from mockserver.testing.world_state import WorldState

__tracebackhide__ = True  # a failure is shown at the line of the test


class CustomerApi(WorldState, WorldJournal):
    """One world of a mock. It answers under `url`, which chooses the world, to any HTTP client."""

    def __init__(self, host: Host, world: ServedWorld) -> None:
        WorldState.__init__(self, host, world)
        WorldJournal.__init__(self, host, world)

    @property
    def url(self) -> str:
        """The base address for the client, without trailing slash."""
        return f"{self._host.url}/_mock/w/{quote(self._world.name, safe='')}"

    @property
    def headers(self) -> dict[str, str]:
        """Credentials of the world as headers, good for every `auth`; also in a process that was forked, for HTTP."""
        setting = self._world.setting if self._host.is_elsewhere else self._setting  # there, a copy that nobody changes
        credentials = setting.organisation.credentials
        if credentials.tokens and not credentials.basic:
            return {"X-CAP-API-OAUTH-TOKEN": min(credentials.tokens)}
        pair = min(credentials.basic, default="test:test")
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._world.name}>"

    def fail(
        self, code: int | None = None, *, example: str | None = None, times: int | None = 1, **on: Unpack[Disturbed]
    ) -> Fault:
        """Answer the next request with a code of the catalogue, or with one of its named examples.

        `times=None` goes on until the fault is removed; other arguments say which requests are meant.
        """
        answer = {name: value for name, value in (("code", code), ("example", example)) if value is not None}
        return set_fault(self._host, self._world, rule_of("fail", {"answer": answer}, times, **on), "fail")

    def delay(self, milliseconds: int, *, times: int | None = None, **on: Unpack[Disturbed]) -> Fault:
        """Answer later, until the fault is removed, or so many times; other arguments say which requests are meant."""
        rule = rule_of("delay", {"delay": {"milliseconds": milliseconds}}, times, **on)
        return set_fault(self._host, self._world, rule, "delay")

    def fault(self, rule: Mapping[str, Any]) -> Fault:
        """Set any fault rule, as `POST /_mock/faults` takes it: `{"do": {"reset": {}}, "times": 1}`."""
        if not isinstance(rule, Mapping):
            raise ValueError(f"fault: {rule!r} is no rule; give a mapping, such as {{'do': {{'reset': {{}}}}}}")
        return set_fault(self._host, self._world, rule, "fault")

    def delete(self) -> None:
        """End the world: requests to it are answered 404 from now on."""
        self._host.delete(self._world)


class CustomerApiFactory(Protocol):
    """Makes further worlds, which end with the test; it is what the fixture `customer_api_factory` gives."""

    def __call__(self, world: str | None = None, *, dialect: DialectChoice = None) -> CustomerApi:
        """Return a world of a bundled name or of a file, under a dialect: a file, or answers by question."""
