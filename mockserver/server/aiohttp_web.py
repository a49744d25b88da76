"""What the server uses of `aiohttp.web`, from the modules that have it.

The whole of it brings applications, routing and files with it as well, which a start need not wait 13 ms for.
"""

from aiohttp.web_protocol import PayloadAccessError, RequestHandler, RequestPayloadError
from aiohttp.web_request import BaseRequest
from aiohttp.web_response import Response, StreamResponse
from aiohttp.web_server import Server

__all__ = [
    "BaseRequest",
    "PayloadAccessError",
    "RequestHandler",
    "RequestPayloadError",
    "Response",
    "Server",
    "StreamResponse",
]
