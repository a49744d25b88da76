"""Chromium's own import of HAR: the code of its network panel, run in a headless Chromium.

A Chromium that may be debugged serves its developer tools as a web page. Their module `models/har/har.js` is what the
panel's "Import HAR file" calls.
"""

import asyncio
import contextlib
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

COMMAND = shutil.which("chromium") or shutil.which("google-chrome")
_OPTIONS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--remote-allow-origins=*"),
    "--host-resolver-rules=MAP *.example 127.0.0.1",  # pages of foreign origins, served by the tests
)
_IS_READY = "document.readyState === 'complete' && location.pathname.startsWith('/devtools')"
_IMPORT = """
(async () => {
  const { HARFormat, Importer } = await import("/devtools/models/har/har.js");
  const root = new HARFormat.HARRoot(JSON.parse(%s));
  const requests = Importer.Importer.requestsFromHARLog(root.log);
  return JSON.stringify(await Promise.all(requests.map(async (request) => ({
    method: request.requestMethod, url: request.url(), status: request.statusCode, finished: request.finished,
    sent: await request.requestFormData(), came: (await request.requestContentData()).text,
  }))));
})()
"""


async def import_har(har: str) -> list[dict[str, Any]]:
    """Return the requests that the network panel shows for a HAR file."""
    async with running() as address, aiohttp.ClientSession() as session:
        async with session.put(f"{address}/json/new?{address}/devtools/inspector.html") as opened:
            tab = json.loads(await opened.text())
        async with session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as page:
            while not await _evaluate(page, _IS_READY):  # each asking is a round trip, so this does not spin
                continue
            imported: list[dict[str, Any]] = json.loads(await _evaluate(page, _IMPORT % json.dumps(har)))
            return imported


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[str]:
    """Run a Chromium that may be debugged, with a profile of its own, and give the address to debug it under."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            str(COMMAND), *_OPTIONS, f"--user-data-dir={profile}", "about:blank", stderr=asyncio.subprocess.PIPE
        )
        try:
            yield await _find_address(process)
        finally:
            process.terminate()
            await process.communicate()


async def _find_address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        said = line.decode(errors="replace")
        if "DevTools listening on ws://" in said:
            return "http://" + said.partition("ws://")[2].partition("/")[0]
    raise AssertionError("Chromium ended before it could be debugged")


async def _evaluate(page: aiohttp.ClientWebSocketResponse, expression: str) -> Any:
    asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
    await page.send_json({"id": 1, "method": "Runtime.evaluate", "params": asked})
    answer = await page.receive_json(timeout=30)
    assert "exceptionDetails" not in answer["result"], answer
    return answer["result"]["result"].get("value")
