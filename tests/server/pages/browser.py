"""A headless Chromium, driven by its own DevTools protocol (https://chromedevtools.github.io/devtools-protocol/).

A page is asked in its own language, JavaScript. Waiting is the page's: an expression is asked again whenever the page
changes, so that nothing sleeps here.
"""

import asyncio
import contextlib
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp

from tests.server.chromium import running

_SECONDS = 30.0
_LEFT = -32000  # of the protocol: "Inspected target navigated or closed"
_ASK_UNTIL = """
new Promise((resolve, reject) => {
  const look = () => { try { return (%(asked)s); } catch { return null; } };
  const watch = new MutationObserver(() => ask());
  const shown = () => document.querySelector("main").innerText.slice(0, 1500);
  const fail = () => { watch.disconnect(); reject(new Error("never: " + shown())); };
  const giveUp = setTimeout(fail, %(limit)d);
  const ask = () => {
    const found = look();
    if (!found) return;
    watch.disconnect(); clearTimeout(giveUp); resolve(found);
  };
  watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  ask();
})
"""


class LeftError(Exception):
    """The page was left while it was asked."""


class Page:
    """One tab. `errors` is what its console said in red so far, exceptions too."""

    def __init__(self, runner: asyncio.Runner, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._runner = runner
        self._socket = socket
        self._count = 0
        self.errors: list[str] = []
        for domain in ("Runtime", "Log", "Page"):
            self.command(f"{domain}.enable")

    def command(self, method: str, **params: Any) -> Any:
        """Send a command of the protocol and return its result."""
        return self._runner.run(self._command(method, params))

    async def _command(self, method: str, params: dict[str, Any]) -> Any:
        self._count += 1
        await self._socket.send_json({"id": self._count, "method": method, "params": params})
        while True:
            came = await self._socket.receive_json(timeout=_SECONDS)
            if came.get("id") == self._count:
                if "error" in came:
                    raise LeftError(str(came)) if came["error"]["code"] == _LEFT else AssertionError(str(came))
                return came["result"]
            self._note(came.get("method"), came.get("params", {}))

    def _note(self, event: str | None, params: dict[str, Any]) -> None:
        if event == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(params["exceptionDetails"]))
        if event == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(params["entry"]["text"] + " " + params["entry"].get("url", ""))
        if event == "Runtime.consoleAPICalled" and params["type"] == "error":
            self.errors.append(json.dumps(params["args"]))

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression; a promise is awaited."""
        came = self.command("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in came, came["exceptionDetails"]["exception"].get("description")
        return came["result"].get("value")

    def wait_for(self, expression: str) -> Any:
        """Return the value of an expression as soon as it is true, on this page or on the one that it leads to."""
        while True:
            with contextlib.suppress(LeftError):
                return self.evaluate(_ASK_UNTIL % {"asked": expression, "limit": 15_000})

    def wait_for_text(self, selector: str, text: str) -> None:
        """Wait until an element holds a text."""
        self.wait_for(f"document.querySelector({json.dumps(selector)}).textContent.includes({json.dumps(text)})")

    def open(self, address: str) -> None:
        """Go to an address, and wait until the page is made."""
        self.command("Page.navigate", url=address)
        asked = f"location.href === {json.dumps(address)} && document.readyState === 'complete'"
        while not self.evaluate(asked):  # each asking is a round trip, so this does not spin
            continue

    def click(self, selector: str) -> None:
        """Click the element of a selector, which may be there only in a while."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(f"{found} && !{found}.disabled && {found}.checkVisibility()")
        self.evaluate(f"{found}.click()")

    def click_button(self, label: str) -> None:
        """Click the button of a label that can be seen."""
        self.wait_for(f"({_BUTTON})({json.dumps(label)})")
        self.evaluate(f"({_BUTTON})({json.dumps(label)}).click()")

    def type(self, selector: str, text: str) -> None:
        """Put a text into a field, as if it were typed."""
        field = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(field)
        self.evaluate(
            f"{field}.value = {json.dumps(text)}; {field}.dispatchEvent(new Event('input', {{bubbles: true}}))"
        )

    def look(self, *, width: int, height: int = 900, scheme: str = "light") -> None:
        """Set the width of the window in pixels, and the colours that its owner prefers."""
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])


_BUTTON = """(label) => [...document.querySelectorAll("button")]
  .filter((one) => !one.disabled && one.checkVisibility())
  .find((one) => (one.getAttribute("aria-label") ?? one.textContent) === label)
"""


class Browser:
    """A Chromium with one tab after the other."""

    def __init__(self, runner: asyncio.Runner, session: aiohttp.ClientSession, address: str) -> None:
        self._runner = runner
        self._session = session
        self._address = address

    @contextlib.contextmanager
    def page(self) -> Iterator[Page]:
        """Open a tab, and close it in the end."""
        tab, socket = self._runner.run(self._open())
        try:
            yield Page(self._runner, socket)
        finally:
            self._runner.run(self._close(tab, socket))

    async def _open(self) -> tuple[str, aiohttp.ClientWebSocketResponse]:
        async with self._session.put(f"{self._address}/json/new?about:blank") as opened:
            tab = json.loads(await opened.text())
        return tab["id"], await self._session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0)

    async def _close(self, tab: str, socket: aiohttp.ClientWebSocketResponse) -> None:
        await socket.close()
        async with self._session.get(f"{self._address}/json/close/{tab}"):
            return


@contextlib.contextmanager
def browsing() -> Iterator[Browser]:
    """Run a browser."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            yield runner.run(_start(runner, stack))
        finally:
            runner.run(stack.aclose())


async def _start(runner: asyncio.Runner, stack: AsyncExitStack) -> Browser:
    address = await stack.enter_async_context(running())
    session = await stack.enter_async_context(aiohttp.ClientSession())
    return Browser(runner, session, address)
