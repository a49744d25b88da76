"""How a request reaches a target: over HTTP, or in memory. A transport carries, and knows nothing of checks."""

from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from types import ModuleType
from typing import Protocol
from urllib.parse import urlsplit

from mockserver.errors import ConfigurationError, TargetError
from mockserver.messages import Request, Response
from mockserver.verification.failures import CutError

_LARGEST = 16 * 1024 * 1024  # bytes of an answer; more is no answer to a request for one customer


class Transport(Protocol):
    """Carries one request to a target and brings back the answer."""

    def carry(self, request: Request) -> Response:
        """Send a request, and return the answer.

        A target that cannot be reached is a TargetError; where the request went out, and no answer came, a CutError.
        """


class HttpTransport:
    """Carries requests to a base URL, whose path goes before the request's own; it follows no redirect.

    `ca_bundle` is the path of certificates to trust instead of the usual ones, `seconds` the time that connecting, and
    each wait for bytes, may take. Proxies come from the environment. Nothing else does: a `.netrc` would add
    credentials to requests that must have none, and so would a cookie of an answer before, which is not kept.
    """

    def __init__(self, url: str, *, ca_bundle: str | None = None, seconds: float = 30.0) -> None:
        try:
            import requests  # a tenth of a second that only checking over HTTP needs
        except ModuleNotFoundError as failure:
            cure = "in the clone: pip install '.[verify]'"
            raise ConfigurationError(f"checking over HTTP needs the package requests; {cure}") from failure

        self._url = read_url(url)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.clear()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._failures = (requests.exceptions.RequestException, OSError, ValueError)
        self._is_cut = _cut_by(requests.exceptions)
        self._timeout = requests.exceptions.Timeout
        self._options = {
            "proxies": requests.utils.get_environ_proxies(self._url),
            "verify": ca_bundle or True,
            "timeout": seconds,
            "allow_redirects": False,
        }

    def carry(self, request: Request) -> Response:
        """Send a request, and return the answer."""
        query = f"?{request.query}" if request.query else ""
        headers = {"Accept": "application/json", "User-Agent": "customer-mockserver", **request.headers}
        try:
            answer = self._session.request(
                request.method,
                f"{self._url}{request.path}{query}",
                headers=headers,
                data=request.body or None,
                **self._options,  # type: ignore[arg-type]  # each option has the type that requests wants
            )
        except self._failures as failure:
            told = f"{self._url} cannot be reached: {_reason(failure)}"
            if self._is_cut(failure):
                what = "time-out" if isinstance(failure, self._timeout) else "connection cut"
                raise CutError(told, what=what) from failure
            raise TargetError(told) from failure
        return Response(status=answer.status_code, headers=dict(answer.headers), body=answer.content[:_LARGEST])

    def close(self) -> None:
        """Close the connections."""
        self._session.close()


def _cut_by(kinds: ModuleType) -> Callable[[Exception], bool]:
    """Return what tells a connection that was cut, or not answered in time, from one that never came about."""
    never = (kinds.SSLError, kinds.ProxyError, kinds.ConnectTimeout)

    def is_cut(failure: Exception) -> bool:
        if isinstance(failure, never):
            return False
        cause = failure.args[0] if failure.args else None
        is_unreached = isinstance(failure, kinds.ConnectionError) and hasattr(cause, "reason")  # after no connection
        return not is_unreached and isinstance(
            failure, (kinds.ConnectionError, kinds.Timeout, kinds.ChunkedEncodingError, ConnectionError, TimeoutError)
        )

    return is_cut


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
    if "Timeout" in kind:
        return "it does not answer in time; see --timeout"
    for known, words in _CAUSES.items():
        if known in text:
            return words
    return f"{kind}: {text[:200]}"


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
    "Remote end closed": "it closes the connection without an answer",
}
