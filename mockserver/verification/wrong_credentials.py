"""How credentials go wrong, by the name that a step and a golden exchange have for it.

    password       the till, and another password         plain          the till, and the password in clear
    no-password    the till, and nothing                  cut            the end of the digest is missing
    till           a till that nobody has                 other-till     such a till, and the right password
    scheme         Bearer in place of Basic               digest         Digest in place of Basic
    bare           the value without its scheme           unpaired       a value without a colon
    unreadable     no base64                              empty          no value
    token          a made-up token in their place         small          no fault: basic, in small letters

Only those of `LOCKING` name a till that there is: a deployment may count them, and lock the till.
"""

import base64
import binascii
import hashlib
import shlex
from collections.abc import Callable, Mapping

AUTHORIZATION = "Authorization"
TOKEN_HEADER = "X-CAP-API-OAUTH-TOKEN"  # noqa: S105  # the name of a header, no secret
LOCKING = ("password", "plain", "no-password", "cut")
_NOBODY = "nobody"
_ANOTHER = "no-password-of-this-till"  # known to be wrong
_CUT = 6  # characters of a digest


def basic(till: str, word: str) -> str:
    """Return the value of Authorization for a till and what stands for its password."""
    return f"Basic {base64.b64encode(f'{till}:{word}'.encode()).decode()}"


def digest_of(password: str) -> str:
    """Return what the vendor wants in the place of a password: its MD5, in hex."""
    return hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()


class _Pair:
    """The right value of Authorization, read; a till of nobody where it cannot be."""

    def __init__(self, authorization: str, password: str) -> None:
        self.value = authorization.partition(" ")[2]
        self.password = password or _ANOTHER
        try:
            till, _, word = base64.b64decode(self.value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):  # a mock's own, which may say nothing
            till, word = "", ""
        self.till, self.word = till or _NOBODY, word or digest_of(_ANOTHER)


_PAIRS: Mapping[str, Callable[[_Pair], str]] = {
    "password": lambda right: basic(right.till, digest_of(_ANOTHER)),
    "plain": lambda right: basic(right.till, right.password),
    "no-password": lambda right: basic(right.till, ""),
    "cut": lambda right: basic(right.till, right.word[:-_CUT]),
    "till": lambda _: basic(_NOBODY, digest_of(_ANOTHER)),
    "other-till": lambda right: basic(_NOBODY, right.word),
    "scheme": lambda right: f"Bearer {right.value}",
    "digest": lambda right: f"Digest {right.value}",
    "bare": lambda right: right.value,
    "unpaired": lambda _: f"Basic {base64.b64encode(_NOBODY.encode()).decode()}",
    "unreadable": lambda _: "Basic %%%",
    "empty": lambda _: "Basic ",
    "small": lambda right: f"basic {right.value}",
}
_TOKENS: Mapping[str, Callable[[str], str]] = {
    "password": lambda _: _ANOTHER,
    "till": lambda _: _ANOTHER[::-1],
    "cut": lambda right: right[:-1],
    "unreadable": lambda _: "%%%",
    "empty": lambda _: "",
}
_MADE_OF_THE_RIGHT = {
    "scheme": "Bearer ${AUTHORIZATION#Basic }",
    "digest": "Digest ${AUTHORIZATION#Basic }",
    "bare": "${AUTHORIZATION#Basic }",
    "small": "basic ${AUTHORIZATION#Basic }",
    "plain": "$PASSWORD_IN_CLEAR",
    "cut": "$CUT_SHORT",
    "other-till": "$OTHER_TILL",
}
SMALL = "small"  # right all the same: a scheme has no case (RFC 9110 §11.1)
KINDS = (*_PAIRS, "token")
WRONG = tuple(kind for kind in KINDS if kind != SMALL)


def kinds_of(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return in which ways the credentials in these headers can go wrong."""
    return tuple(_TOKENS) if TOKEN_HEADER in headers else WRONG


def shown_in_shell(kind: str, name: str, value: str) -> str:
    """Return a wrong header for a POSIX shell; what is made of the right one is a variable, to be filled by hand."""
    made = _MADE_OF_THE_RIGHT.get(kind)
    return shlex.quote(f"{name}: {value}") if made is None else f'"{name}: {made}"'


def wrong_headers(kind: str, headers: Mapping[str, str], password: str) -> Mapping[str, str]:
    """Return headers with wrong credentials, one of `WRONG`, as like the right ones as they can be.

    `password` is the right one in clear, empty where it is not known.
    """
    if TOKEN_HEADER in headers and kind in _TOKENS:
        return {TOKEN_HEADER: _TOKENS[kind](headers[TOKEN_HEADER])}
    if kind == "token":
        return {TOKEN_HEADER: _ANOTHER}
    return {AUTHORIZATION: _PAIRS[kind](_Pair(headers.get(AUTHORIZATION, ""), password))}
