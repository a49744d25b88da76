"""Bare aiohttp, to compare with: the body parsed, a constant answer, and nothing else.

python -m benchmarks.serving.bare application --port 8080     # aiohttp.web.Application
python -m benchmarks.serving.bare low-level --port 8080       # aiohttp.web.Server, without an application
"""

import argparse
import asyncio

import orjson
import uvloop
from aiohttp import web

ANSWER = b'{"createdId":171891944,"warnings":[],"sideEffects":[]}'


async def answer(incoming: web.BaseRequest) -> web.StreamResponse:
    """Parse the body, if there is one, and answer as always."""
    body = await incoming.read()
    if body:
        orjson.loads(body)
    return web.Response(body=ANSWER, content_type="application/json")


def application() -> web.Application:
    """Return the application, with the routes that ours has."""
    app = web.Application()
    app.router.add_put("/v2/customers/{userId}", answer)
    app.router.add_get("/v2/customers/{userId}", answer)
    app.router.add_get("/v2/customers/{userId}/loyaltyDetails", answer)
    return app


async def serve(kind: str, port: int) -> None:
    """Serve until it is stopped."""
    if kind == "application":
        runner: web.BaseRunner = web.AppRunner(application(), access_log=None)
    else:
        runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


def main() -> None:
    """Read the command line, and serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["application", "low-level"])
    parser.add_argument("--port", type=int, default=8080)
    options = parser.parse_args()
    uvloop.run(serve(options.kind, options.port))


if __name__ == "__main__":
    main()
