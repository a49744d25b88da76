"""Who may ask: Basic credentials or a token, as strictly as the setting says.

`any` takes a well-formed header of either kind, because the page's own value is cut short and does not decode;
`world` takes the world's credentials, Basic being base64 of `till:md5hex(password)`; `off` takes everything.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from hmac import compare_digest

from mockserver.domain.organisation import Credentials
from mockserver.domain.outcome import Remark
from mockserver.exchange.reply import Setting

_BASIC = re.compile(r"[Bb][Aa][Ss][Ii][Cc] +([A-Za-z0-9+/]+={0,2})\Z")
_TOKEN_HEADER = "x-cap-api-oauth-token"  # noqa: S105  # the name of a header, no secret
_PLACE = "header/Authorization"
_MISSING = Remark(_PLACE, "is missing; send Basic credentials or X-CAP-API-OAUTH-TOKEN")
_MALFORMED = Remark(_PLACE, "is not `Basic` and a base64 value")
_UNKNOWN = Remark(_PLACE, "is not a credential of this world; Basic takes base64(till:md5hex(password))")


def find_fault(setting: Setting, headers: Mapping[str, str]) -> Remark | None:
    """Return what is wrong with the credentials, or None."""
    if setting.auth == "off":
        return None
    authorization = headers.get("authorization")
    token = headers.get(_TOKEN_HEADER, "").strip()
    match = _BASIC.match(authorization.strip()) if authorization else None
    if match is None and not token:
        return _MISSING if authorization is None else _MALFORMED
    if setting.auth == "any" or _is_known(setting.organisation.credentials, match, token):
        return None
    return _UNKNOWN


def _is_known(credentials: Credentials, match: re.Match[str] | None, token: str) -> bool:
    if token and _contains(credentials.tokens, token):
        return True
    return match is not None and _contains(credentials.basic, _decode(match[1]))


def _contains(secrets: frozenset[str], given: str) -> bool:
    return any(compare_digest(secret.encode(), given.encode(errors="surrogatepass")) for secret in secrets)


def _decode(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):  # well-formed characters that decode to nothing
        return ""
