"""How a request reaches a target: over HTTP, or in memory. A transport carries, and knows nothing of checks."""

import math
import ssl
from collections.abc import Callable, Mapping
from time import monotonic
from types import ModuleType
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from mockserver.errors import ConfigurationError, TargetError
from mockserver.messages import Request, Response
from mockserver.verification.failures import CutError
from mockserver.verification.loopback import is_loopback
from mockserver.verification.wire import Received, Wire, is_whole_json

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

    from mockserver.verification.connections import Gauge

LARGEST = 16 * 1024 * 1024  # bytes of an answer; more is no answer to a request for one customer
_PART = 64 * 1024  # bytes that are read at a time
_USUAL = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "customer-mockserver"}
_PROXY_AUTHENTICATION_REQUIRED = 407


class Transport(Protocol):
    """Carries one request to a target and brings back the answer. It may be used by several threads at once."""

    def carry(self, request: Request, *, fresh: bool = False) -> Response:
        """Send a request, and return the answer; `fresh` sends it over a new connection, which is closed after it.

        A target that cannot be reached is a TargetError; where the request went out, and no answer came, a CutError.
        """


class HttpTransport:
    """Carries requests to a base URL, whose path goes before the request's own; it follows no redirect.

    `ca_bundle` is the path of certificates to trust instead of the usual ones, `seconds` the time that an exchange may
    take from connecting to the last byte, `seconds_left` tells what the run has left of its own. Proxies come from the
    environment, but for this machine, which needs none. Nothing else does: a `.netrc` would add credentials to requests
    that must have none, and so would a cookie of an answer before, which is not kept.
    """

    def __init__(
        self,
        url: str,
        *,
        ca_bundle: str | None = None,
        seconds: float = 30.0,
        seconds_left: Callable[[], float] = lambda: math.inf,
    ) -> None:
        try:
            import certifi
            import requests  # a tenth of a second that only checking over HTTP needs
            import urllib3

            from mockserver.verification import connections
        except ModuleNotFoundError as failure:
            cure = "in the clone: pip install '.[verify]'"
            raise ConfigurationError(f"checking over HTTP needs the package requests; {cure}") from failure

        self._url = read_url(url)
        self._seconds = seconds
        self._seconds_left = seconds_left
        self._connections = connections
        self._trouble = urllib3.exceptions
        proxies = {} if is_loopback(self._url) else requests.utils.get_environ_proxies(self._url)
        named = requests.utils.select_proxy(self._url, proxies)
        self._proxy = f"http://{named}" if named and "://" not in named else named  # as curl has it
        self._trusted = self._trust(ca_bundle or certifi.where())
        self._pool = self._open_pool()

    def carry(self, request: Request, *, fresh: bool = False) -> Response:
        """Send a request, and return the answer."""
        seconds = min(self._seconds, self._seconds_left())
        gauge = self._connections.Gauge(ends=monotonic() + seconds)
        pool = self._open_pool() if fresh else self._pool
        try:
            with self._connections.measured(gauge):
                return self._exchange(pool, request, gauge, seconds)
        except (self._trouble.HTTPError, OSError, ValueError) as failure:
            raise self._told(failure) from failure
        finally:
            if fresh:
                pool.clear()

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _trust(self, bundle: str) -> ssl.SSLContext | None:
        """Return what tells whom to trust; None where the target speaks no TLS."""
        if urlsplit(self._url).scheme != "https":
            return None
        try:
            return ssl.create_default_context(cafile=bundle)
        except OSError as failure:  # no such file, or no certificate in it
            cure = f"{bundle} is no file of certificates; see --ca-bundle"
            raise TargetError(f"{self._url} cannot be reached: {cure}") from failure

    def _open_pool(self) -> "PoolManager":
        try:
            return self._connections.open_pool(self._proxy, self._trusted)
        except (self._trouble.HTTPError, ValueError) as failure:
            cure = "mend the variable that names it, or leave it out with NO_PROXY"
            raise TargetError(f"the proxy {_shown(self._proxy or '')} of the environment is none; {cure}") from failure

    def _exchange(self, pool: "PoolManager", request: Request, gauge: "Gauge", seconds: float) -> Response:
        query = f"?{request.query}" if request.query else ""
        answer = pool.urlopen(
            request.method,
            f"{self._url}{request.path}{query}",
            headers=_each_once({**_USUAL, **request.headers}),
            body=request.body or None,
            timeout=seconds,
            redirect=False,
            retries=False,
            preload_content=False,
        )
        try:
            is_ended = self._read(answer, gauge)
        finally:
            answer.close()
        if self._proxy is not None and answer.status == _PROXY_AUTHENTICATION_REQUIRED:
            raise TargetError(self._line("it wants credentials, which stand in the variable that names it"))
        headers = tuple(answer.headers.iteritems())
        missing = answer.length_remaining or 0
        wire = Wire(headers=headers, is_ended=is_ended, missing=missing, surplus=len(gauge.surplus))
        body, whole = bytes(gauge.body), bytes(gauge.body + gauge.surplus)
        return Received(
            status=answer.status,
            headers=dict(answer.headers),
            body=whole if is_whole_json(whole) else body,
            wire=wire,
        )

    def _read(self, answer: "BaseHTTPResponse", gauge: "Gauge") -> bool:
        """Read a body, and tell whether it came to its end; where it did not, what came makes sense as it is."""
        gauge.is_enough = lambda: is_whole_json(gauge.body)
        try:
            while part := answer.read1(_PART, decode_content=False):
                gauge.body += part
                if len(gauge.body) > LARGEST:
                    told = f"{self._url} sent an answer of more than {LARGEST // 2**20} MiB, which is read no further"
                    raise CutError(told, what=f"an answer over {LARGEST // 2**20} MiB")
        except (self._trouble.ProtocolError, self._trouble.ReadTimeoutError):
            if not gauge.is_enough():
                raise
            return False
        return True

    def _told(self, failure: Exception) -> TargetError:
        """Return a failure as the error that says it: a request that went out, or one that never did."""
        told = self._line(_reason(failure))
        if not _went_out(failure, self._trouble):
            return TargetError(told)
        is_late = isinstance(failure, self._trouble.TimeoutError) or isinstance(_cause(failure), TimeoutError)
        return CutError(told, what="time-out" if is_late else "connection cut")

    def _line(self, reason: str) -> str:
        through = "" if self._proxy is None else f"through the proxy {_shown(self._proxy)} of the environment, "
        return f"{self._url} cannot be reached: {through}{reason}"


def _each_once(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers without those that another one follows whose name differs in case alone."""
    return dict({name.lower(): (name, value) for name, value in headers.items()}.values())


def _went_out(failure: Exception, kinds: ModuleType) -> bool:
    """Tell a connection that was cut, or not answered in time, from one that never came about."""
    never = (kinds.SSLError, kinds.ProxyError, kinds.ConnectTimeoutError, kinds.NewConnectionError)
    late = (kinds.ProtocolError, kinds.TimeoutError, kinds.InvalidHeader, ConnectionError, TimeoutError)
    return isinstance(failure, late) and not isinstance(failure, never)


def _cause(failure: Exception) -> object:
    """Return what urllib3 wrapped, else the failure itself."""
    return failure.args[1] if len(failure.args) > 1 else failure


def _shown(proxy: str) -> str:
    """Return a proxy's address without the credentials that it may hold."""
    scheme, separator, rest = proxy.rpartition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def read_url(text: str) -> str:
    """Return a base URL without a slash at its end; what is none is a TargetError."""
    try:
        parts = urlsplit(text)
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and " " not in text
    except ValueError:  # a bracket or a port that is none
        is_url = False
    if not is_url:
        raise TargetError(
            f"{text!r} is no base URL; write http://HOST or https://HOST, with a path prefix if it has one"
        )
    if parts.username or parts.password:
        raise TargetError("the URL holds credentials; leave them out, and name an environment variable with --auth-env")
    if parts.query or parts.fragment:
        raise TargetError("the URL has a query or fragment; give the base URL only")
    return text.rstrip("/")


def _reason(failure: Exception) -> str:
    """Say in one line what went wrong, and what to do."""
    text, kind = " ".join(str(failure).split()), type(failure).__name__
    if "Timeout" in kind or isinstance(_cause(failure), TimeoutError):
        return "it does not answer in time; see --timeout"
    for known, words in _CAUSES.items():
        if known in text:
            return words
    return " ".join(str(_cause(failure)).split())[:200] or kind


# The first that is found in the text of a failure says what it comes from.
_CAUSES: Mapping[str, str] = {
    "WRONG_VERSION_NUMBER": "it does not speak TLS; write http:// if that is meant",
    "record layer failure": "it does not speak TLS; write http:// if that is meant",
    "CA certificate bundle": "there is no such file of certificates; see --ca-bundle",
    "NO_CERTIFICATE_OR_CRL": "the file of certificates holds none; see --ca-bundle",
    "mismatch, certificate": "its certificate is for another name; see the host of the URL",
    "CERTIFICATE_VERIFY_FAILED": "its certificate is not trusted; give its authority's with --ca-bundle FILE",
    "SSLError": "no TLS connection comes about; see its certificate, and --ca-bundle",
    "Name or service not known": "there is no such host; see the name",
    "No address associated": "there is no such host; see the name",
    "Temporary failure in name resolution": "its name cannot be looked up; see the name and the network",
    "Connection refused": "nothing listens there; see the port, and whether it runs",
    "Connection reset": "it cuts the connection",
    "BadStatusLine": "what answers there does not speak HTTP; see the port",
    "Tunnel connection failed: 407": "it wants credentials, which stand in the variable that names it",
    "Remote end closed": "it closes the connection without an answer",
}
