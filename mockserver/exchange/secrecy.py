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
    r"token|assertion|saml(?:request|response)|codeverifier|secret(?!ar)|passw|passphrase|passcode|pwd|credential|cookie|jwt|signature|authorization|bearer|[cx]srf"
    r"|sess(?:ion)?id|authcode"
    r"|(?:api|access|auth|private|subscription|signing|encryption|client|consumer|shared|master|functions?|account"
    r"|app|service|security)key"
)
# As the last word, with a hash or a number after it or none: `x-auth`, `sig2`, `hmac-sha256`.
_AT_THE_END = re.compile(
    r"(?:^|-)(?:auth|authentication|oauth|session|sig|hmac|otp|cvv|(?:user|login|db|admin|proxy)-pass)"
    r"(?:-(?:sha|md))?(?:-[0-9]+)?\Z"
)
_HARMLESS_KEYS = re.compile(r"(?:^|-)(?:idempotency|websocket|surrogate|cache|partition|routing|sort)-key\Z")

# A scheme and its credential within a text. `Basic membership` is none: what looks like a word stays.
_SCHEME = re.compile(r"\b(basic|bearer|digest|negotiate|ntlm)(?:\s+|%20|\+)([A-Za-z0-9._~+/=%-]{6,})", re.IGNORECASE)
_PLAIN_WORD = re.compile(r"(?:[A-Z]?[a-z]+(?:-[A-Za-z]?[a-z]*)*)\.?\Z")
# RFC 7519: base64url of `{"…` and further parts. What has none is read over as a whole, so that it is read once.
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{6,}((?:\.[A-Za-z0-9_-]*){1,4})?")
_USERINFO = re.compile(r"(?<=://)[^\s/?#@\"'<>]+(?=@)")  # RFC 3986 §3.2.1
_PAIR = re.compile(r"(?<![A-Za-z0-9_.%+\[\]-])([A-Za-z_][A-Za-z0-9_.%\[\]-]{0,79})=(\"[^\"]*\"?|[^\s&;,\"'<>\\]+)")
_LONGEST_KEPT = 128  # characters of a name whose verdict is kept


def is_secret_name(name: str) -> bool:
    """Tell whether a member of that name holds a secret."""
    return _is_secret(name) if len(name) <= _LONGEST_KEPT else _is_secret.__wrapped__(name)


def is_secret_key(name: str) -> bool:
    """Tell whether a parameter or a header of that name holds a secret; among them, nearly every key is one."""
    return _is_secret_key(name) if len(name) <= _LONGEST_KEPT else _is_secret_key.__wrapped__(name)


is_secret_header = is_secret_key


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    words = _words(name)
    is_named_so = _ANYWHERE.search(words.replace("-", "")) or _AT_THE_END.search(words)
    return words == "pass" or is_named_so is not None


@lru_cache(maxsize=1024)
def _is_secret_key(name: str) -> bool:
    words = _words(name)
    is_key = words == "key" or words.endswith("-key")
    return is_secret_name(name) or (is_key and _HARMLESS_KEYS.search(words) is None)


def _words(name: str) -> str:
    return "-".join(_WORD.findall(name)).lower()


def hide_in_text(text: str) -> str:
    """Return a text without what has the shape of a credential, or stands as `name=value` under a secret name."""
    if "eyJ" in text:
        text = _JWT.sub(_hidden_jwt, text)
    if "://" in text:
        text = _USERINFO.sub(HIDDEN, text)
    if "=" in text:
        text = _PAIR.sub(_hidden_pair, text)
    return _SCHEME.sub(_hidden_scheme, text)


def _hidden_scheme(found: re.Match[str]) -> str:
    return found[0] if _PLAIN_WORD.match(found[2]) else f"{found[1]} {HIDDEN}"


def _hidden_jwt(found: re.Match[str]) -> str:
    return HIDDEN if found[1] else found[0]


def _hidden_pair(found: re.Match[str]) -> str:
    """Hide the value of a pair, which may be a pair itself; after `?` or `&` its name is a parameter's."""
    is_parameter = found.string[found.start() - 1 : found.start()] in ("?", "&")
    *names, _ = found[0].split("=")
    is_secret = any(map(is_secret_key if is_parameter else is_secret_name, names))
    return f"{found[1]}={HIDDEN}" if is_secret else found[0]
