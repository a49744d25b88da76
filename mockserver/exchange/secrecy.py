"""What is secret: values under a name that says so, and values that have the shape of a credential, under any name.

A name is read as words: `accessToken`, `access_token` and `X-Access-Token` are alike. It must not hide what the vendor
itself calls by harmless names, such as `externalId`; a test holds it to all names of the contract.
"""

import re
from functools import lru_cache

HIDDEN = "[hidden]"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Within a name, its words joined: `clientsecret`, `X-Amz-Security-Token`.
_ANYWHERE = re.compile(
    r"token|secret(?!ar)|passw|passphrase|passcode|pwd|credential|cookie|jwt|signature|authorization|bearer|[cx]srf"
    r"|sess(?:ion)?id|authcode"
    r"|(?:api|access|auth|private|subscription|signing|encryption|client|consumer|shared|master|functions?|account"
    r"|app|service|security)key"
)
# As the last word, with a number after it or none: `x-auth`, `sig2`.
_AT_THE_END = re.compile(r"(?:^|-)(?:auth|oauth|session|sig|hmac|otp|cvv)(?:-[0-9]+)?\Z")
_ALONE = frozenset({"pass", "user-pass"})
_HARMLESS_KEYS = re.compile(r"(?:^|-)(?:idempotency|websocket|surrogate|cache|partition|routing|sort)-key\Z")

# A scheme and its credential within a text. `Basic membership` is none: what looks like a word stays.
_SCHEME = re.compile(r"\b(basic|bearer|digest|negotiate|ntlm)(?:\s+|%20|\+)([A-Za-z0-9._~+/=%-]{6,})", re.IGNORECASE)
_PLAIN_WORD = re.compile(r"(?:[A-Z]?[a-z]+(?:-[A-Za-z]?[a-z]*)*)\.?\Z")
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){1,4}")  # RFC 7519: base64url of `{"…` and further parts
_USERINFO = re.compile(r"(?<=://)[^\s/?#@\"'<>]+(?=@)")  # RFC 3986 §3.2.1
_PAIR = re.compile(r"(?<![A-Za-z0-9_.%+\[\]-])([A-Za-z_][A-Za-z0-9_.%\[\]-]{0,79})=(\"[^\"]*\"?|[^\s&;,\"'<>\\]+)")


@lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    """Tell whether a parameter or member of that name holds a secret."""
    words = _words(name)
    return (
        words in _ALONE or _ANYWHERE.search(words.replace("-", "")) is not None or _AT_THE_END.search(words) is not None
    )


@lru_cache(maxsize=1024)
def is_secret_header(name: str) -> bool:
    """Tell whether a header of that name holds credentials; among headers, nearly every key is one."""
    words = _words(name)
    is_key = words == "key" or words.endswith("-key")
    return is_secret_name(name) or (is_key and _HARMLESS_KEYS.search(words) is None)


def _words(name: str) -> str:
    return "-".join(_WORD.findall(name)).lower()


def hide_in_text(text: str) -> str:
    """Return a text without what has the shape of a credential, or stands as `name=value` under a secret name."""
    if "eyJ" in text:
        text = _JWT.sub(HIDDEN, text)
    if "://" in text:
        text = _USERINFO.sub(HIDDEN, text)
    if "=" in text:
        text = _PAIR.sub(_hidden_pair, text)
    return _SCHEME.sub(_hidden_scheme, text)


def _hidden_scheme(found: re.Match[str]) -> str:
    return found[0] if _PLAIN_WORD.match(found[2]) else f"{found[1]} {HIDDEN}"


def _hidden_pair(found: re.Match[str]) -> str:
    return f"{found[1]}={HIDDEN}" if is_secret_name(found[1]) else found[0]
