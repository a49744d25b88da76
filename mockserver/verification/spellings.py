"""How one text may be spelt on its way: stored otherwise, as JSON, in a URL; as credentials, hashed or in base64."""

import base64
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

_MOBILE = re.compile(r"\+\d{4,}")
_FIRST_KEPT = (0, 2, 3)  # characters of base64 that also depend on 0, 1 or 2 bytes before
_LITERALS = frozenset({"true", "false", "null"})


def spellings(text: str) -> frozenset[str]:
    """Return a text as the target may have stored it: without spaces around, composed or not, without its +."""
    stripped = text.strip()
    ways = {text, stripped, *(unicodedata.normalize(form, stripped) for form in ("NFC", "NFD"))}
    if _MOBILE.fullmatch(stripped):
        ways.add(stripped[1:])
    return frozenset(way for way in ways if way.strip())


def encodings(text: str) -> frozenset[str]:
    """Return a text as it stands in text, in JSON and in a URL."""
    sent = text.encode(errors="surrogatepass")
    in_json = (json.dumps(text, ensure_ascii=escapes)[1:-1] for escapes in (True, False))
    return frozenset({text, *in_json, quote(sent), quote(sent, safe=""), quote_plus(sent)})


def disguises(secret: str) -> frozenset[str]:
    """Return a secret in all forms that credentials take: also its MD5 (as the vendor wants it), both within base64."""
    sent = secret.encode(errors="surrogatepass")
    plain = (sent, hashlib.md5(sent, usedforsecurity=False).hexdigest().encode())
    cores = (core for one in plain for core in _base64_cores(one))
    return frozenset(
        form for text in (secret, plain[1].decode(), *cores) for form in encodings(text) if form.strip("=")
    )


def _base64_cores(sent: bytes) -> Iterator[str]:
    """Give base64 of bytes alone, and what is certain of it wherever they stand in a longer text."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(sent).decode()
        for before, kept in enumerate(_FIRST_KEPT):
            whole = (before + len(sent)) // 3 * 4 + (0, 1, 2)[(before + len(sent)) % 3]
            core = encode(b"\0" * before + sent).decode()[kept:whole]
            if len(core) > 5:
                yield core


def vocabulary(document: Mapping[str, Any]) -> frozenset[str]:
    """Return the words of a contract: names of members and parameters, and the values of its enumerations."""
    return _LITERALS | frozenset(_words(document))


def _words(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for inner in node:
            yield from _words(inner)
    if not isinstance(node, Mapping):
        return
    properties, name = node.get("properties"), node.get("name")
    yield from properties if isinstance(properties, Mapping) else ()
    yield from (one for one in node.get("enum", ()) if isinstance(one, str))
    if isinstance(name, str) and "in" in node:
        yield name
    for inner in node.values():
        yield from _words(inner)
