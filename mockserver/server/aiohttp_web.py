"""What the server uses of aiohttp that its documents do not promise: names of submodules, and one private attribute.

They stand here and nowhere else. Submodules, since the whole of `aiohttp.web` brings applications, routing and files
with it as well, which a start need not wait 13 ms for. The private attribute is the parser of a connection
(`put_parser`): aiohttp has no other way to read a request bit by bit, or to answer what cannot be read (its issue
3287). A minor release may change all of it, so `pyproject.toml` names the one that is known to work, and whoever has
another one where something is missing is told so when the server starts.
"""

from mockserver.errors import ConfigurationError

KNOWN = "aiohttp>=3.14.4,<3.15"  # as `pyproject.toml` has it
_PARSER = "_parser"
_PARSER_METHODS = ("feed_data", "message_consumed", "pause_reading", "set_upgraded")

try:
    from aiohttp import HttpVersion, HttpVersion10, HttpVersion11, __version__
    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.helpers import rfc822_formatted_time
    from aiohttp.http import SERVER_SOFTWARE, HttpProcessingError, HttpRequestParser, RawRequestMessage
    from aiohttp.http_exceptions import BadHttpMessage, BadHttpMethod, InvalidHeader, InvalidURLError
    from aiohttp.streams import StreamReader
    from aiohttp.web_protocol import RequestHandler
    from aiohttp.web_request import BaseRequest
    from aiohttp.web_response import StreamResponse
    from aiohttp.web_server import Server
except ImportError as missing:
    raise ConfigurationError(f"{missing}; this server is known to work with {KNOWN}: install that") from missing

__all__ = [
    "SERVER_SOFTWARE",
    "AbstractStreamWriter",
    "BadHttpMessage",
    "BadHttpMethod",
    "BaseRequest",
    "HttpProcessingError",
    "HttpRequestParser",
    "HttpVersion",
    "HttpVersion10",
    "HttpVersion11",
    "InvalidHeader",
    "InvalidURLError",
    "RawRequestMessage",
    "RequestHandler",
    "Server",
    "StreamReader",
    "StreamResponse",
    "rfc822_formatted_time",
]


def put_parser(connection: RequestHandler, parser: object) -> HttpRequestParser:
    """Let a connection read by another parser, and return the one that it had."""
    own: HttpRequestParser = getattr(connection, _PARSER)
    setattr(connection, _PARSER, parser)
    return own


def _find_missing() -> list[str]:
    missing = [name for name in _PARSER_METHODS if not hasattr(HttpRequestParser, name)]
    return missing if hasattr(RequestHandler, _PARSER) else [_PARSER, *missing]


_missing = _find_missing()
if _missing:
    raise ConfigurationError(
        f"aiohttp {__version__} has no {', '.join(_missing)}, which this server needs; "
        f"it is known to work with {KNOWN}: install that"
    )
