"""Credentials of a target, as headers of a request. They are read from an environment variable and shown nowhere.

till:password        Basic, base64 of till:md5hex(password), as the vendor wants it
token:VALUE          the token header
oauth:KEY:SECRET     a token that the target's own token endpoint gives, fetched again before it ends
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.errors import ConfigurationError, TargetError
from mockserver.messages import Request, Response
from mockserver.verification.exchanges import read_body
from mockserver.verification.failures import GATEWAY, CutError
from mockserver.verification.transport import Transport
from mockserver.verification.wrong_credentials import (
    AUTHORIZATION,
    TOKEN_HEADER,
    basic,
    digest_of,
    kinds_of,
    shown_in_shell,
    wrong_headers,
)

_TOKEN_PATH = "/v3/oauth/token/generate"  # noqa: S105  # a path, no secret
_TOKEN_VARIABLE = "X_CAP_API_OAUTH_TOKEN"  # noqa: S105  # the name of a variable, no secret
_ANY = "dGVzdA=="  # what a mock takes that is served as usual
_EARLY = 30.0  # seconds before its end in which a token is no longer used


@dataclass(slots=True)
class Credentials:
    """What makes a request authorised. `secrets` are the texts that must never be shown.

    `variable` names the environment variable that they were read from, empty where they are a mock's own.
    """

    secrets: tuple[str, ...] = field(default=(), repr=False)
    variable: str = ""
    _headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    _key: tuple[str, str] | None = field(default=None, repr=False)
    _ends: float = 0.0
    _password: str = field(default="", repr=False)

    @property
    def is_token(self) -> bool:
        """Tell whether a token goes with each request, and no Authorization."""
        return self._key is not None or TOKEN_HEADER in self._headers

    @property
    def recipe(self) -> str:
        """The line for a POSIX shell by which printed commands get these credentials; it holds no secret."""
        if self._key is not None:
            return (
                f"# ${_TOKEN_VARIABLE} is the accessToken that POST {_TOKEN_PATH} gives for the pair in {self.variable}"
            )
        if self.is_token:
            return f'export {_TOKEN_VARIABLE}="${{{self.variable}#token:}}"'
        if not self.variable:
            return f"export AUTHORIZATION='Basic {_ANY}'"
        till, password = f"${{{self.variable}%%:*}}", f"${{{self.variable}#*:}}"
        digest = f"$(printf %s \"{password}\" | md5sum | cut -d' ' -f1)"
        return f'export AUTHORIZATION="Basic $(printf %s "{till}:{digest}" | base64 | tr -d \'\\n\')"'

    def headers(self, transport: Transport, now: float) -> Mapping[str, str]:
        """Return the headers; `now` is a monotonic time in seconds. A token that cannot be had is a TargetError."""
        if self._key is not None and now >= self._ends:
            self._fetch(self._key, transport, now)
        return self._headers

    def wrong(self, kind: str) -> "Credentials":
        """Return credentials of a wrong kind, one of `WRONG`, that are as like these as they can be."""
        return Credentials(_headers=wrong_headers(kind, self._headers, self._password))

    def wrong_header(self, kind: str) -> str:
        """Return a header of wrong credentials as a POSIX shell is to have it; it holds no secret."""
        headers = wrong_headers(kind, self._headers, self._password)
        return "".join(shown_in_shell(kind, name, value) for name, value in headers.items())

    @property
    def wrong_kinds(self) -> tuple[str, ...]:
        """The ways in which these can go wrong."""
        return kinds_of({TOKEN_HEADER: ""} if self.is_token else self._headers)

    def _fetch(self, key: tuple[str, str], transport: Transport, now: float) -> None:
        body = json.dumps({"key": key[0], "secret": key[1]}).encode()
        headers = {"content-type": "application/json"}
        answer = transport.carry(Request(method="POST", path=_TOKEN_PATH, headers=headers, body=body))
        if answer.status in GATEWAY:
            raise CutError(f"{_TOKEN_PATH} gave no token (status {answer.status})", what=str(answer.status))
        token, seconds = _read_token(answer)
        self.secrets = (*self.secrets, token)
        self._headers = {TOKEN_HEADER: token}
        self._ends = now + max(seconds - _EARLY, seconds / 2)


def _read_token(answer: Response) -> tuple[str, float]:
    body = read_body(answer.body)
    granted = body.get("data") if isinstance(body, dict) else None
    token = granted.get("accessToken") if isinstance(granted, dict) else None
    if not isinstance(granted, dict) or not isinstance(token, str) or not _fits_header(token):
        raise TargetError(f"{_TOKEN_PATH} gave no token (status {answer.status}); see the key and the secret")
    seconds = granted.get("ttlSeconds", 300)
    return token, float(seconds) if isinstance(seconds, int | float) else 300.0


def _fits_header(token: str) -> bool:
    """Tell whether a header can carry a token; one that it cannot would be shown in the error that comes of it."""
    return token.isascii() and token.isprintable() and bool(token) and " " not in token


def read_credentials(text: str, variable: str) -> Credentials:
    """Read credentials from the value of an environment variable, which errors name and never show."""
    kind, _, rest = text.strip("\r\n").partition(":")  # a line's end comes with a variable that was read from a file
    if not kind or not rest:
        raise ConfigurationError(f"{variable} holds no credentials; write till:password, token:… or oauth:KEY:SECRET")
    if kind == "token":
        if not _fits_header(rest):
            raise ConfigurationError(f"{variable} holds a token that no header can carry; write token:… without spaces")
        return Credentials(secrets=(rest,), variable=variable, _headers={TOKEN_HEADER: rest})
    if kind == "oauth":
        return _read_oauth(rest, variable)
    return _basic(kind, rest, variable)


def _read_oauth(text: str, variable: str) -> Credentials:
    key, _, secret = text.partition(":")
    if not key or not secret:
        raise ConfigurationError(f"{variable} holds no OAuth key and secret; write oauth:KEY:SECRET")
    return Credentials(secrets=(secret, key), variable=variable, _key=(key, secret))


def _basic(till: str, password: str, variable: str) -> Credentials:
    digest = digest_of(password)
    authorization = basic(till, digest)
    secrets = (password, digest, authorization.partition(" ")[2])
    return Credentials(secrets=secrets, variable=variable, _headers={AUTHORIZATION: authorization}, _password=password)
