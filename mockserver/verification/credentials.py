"""Credentials of a target, as headers of a request. They are read from an environment variable and shown nowhere.

till:password        Basic, base64 of till:md5hex(password), as the vendor wants it
token:VALUE          the token header
oauth:KEY:SECRET     a token that the target's own token endpoint gives, fetched again before it ends
"""

import base64
import hashlib
import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mockserver.errors import ConfigurationError, TargetError
from mockserver.messages import Request, Response
from mockserver.verification.exchanges import read_body
from mockserver.verification.failures import GATEWAY, CutError
from mockserver.verification.transport import Transport

TOKEN_HEADER = "X-CAP-API-OAUTH-TOKEN"  # noqa: S105  # the name of a header, no secret
_TOKEN_PATH = "/v3/oauth/token/generate"  # noqa: S105  # a path, no secret
_TOKEN_VARIABLE = "X_CAP_API_OAUTH_TOKEN"  # noqa: S105  # the name of a variable, no secret
_ANY = "dGVzdA=="  # what a mock takes that is served as usual
_ANOTHER = "no-password-of-this-till"  # known to be wrong
_EARLY = 30.0  # seconds before its end in which a token is no longer used


def _with_other_password(authorization: str) -> str:
    """Return a pair with its own name and another password; where the pair cannot be read, a pair of nobody."""
    try:
        till = base64.b64decode(authorization.partition(" ")[2], validate=True).decode().partition(":")[0]
    except ValueError:
        till = ""
    return _pair(till or "nobody", _ANOTHER)


def _pair(till: str, password: str) -> str:
    digest = hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()
    return f"Basic {base64.b64encode(f'{till}:{digest}'.encode()).decode()}"


# What goes wrong with credentials, by the name that a step and a golden exchange have for it.
_WRONG_PAIRS: Mapping[str, Callable[[str], str]] = {
    "password": _with_other_password,
    "till": lambda _: _pair("nobody", _ANOTHER),
    "scheme": lambda right: f"Bearer {right.partition(' ')[2] or _ANY}",
    "unreadable": lambda _: "Basic %%%",
    "empty": lambda _: "Basic ",
}
_WRONG_TOKENS: Mapping[str, str] = {"password": _ANOTHER, "till": _ANOTHER[::-1], "unreadable": "%%%", "empty": ""}
WRONG = tuple(_WRONG_PAIRS)


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
        return Credentials(_headers=dict([self._wrong_header(kind)]))

    def _wrong_header(self, kind: str) -> tuple[str, str]:
        if self.is_token and kind in _WRONG_TOKENS:
            return TOKEN_HEADER, _WRONG_TOKENS[kind]
        return "Authorization", _WRONG_PAIRS[kind](self._headers.get("Authorization", ""))

    def wrong_header(self, kind: str) -> str:
        """Return a header of wrong credentials as a POSIX shell is to have it; it holds no secret."""
        if kind == "scheme" and not self.is_token:
            return '"Authorization: Bearer ${AUTHORIZATION#Basic }"'
        return shlex.quote(": ".join(self._wrong_header(kind)))

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
    digest = hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()
    authorization = _pair(till, password)
    secrets = (password, digest, authorization.partition(" ")[2])
    return Credentials(secrets=secrets, variable=variable, _headers={"Authorization": authorization})
