"""What the headers of a request say about its body and its answer: Content-Type, Content-Encoding, Accept, Prefer."""

import re
from collections.abc import Iterator, Sequence

CODINGS = "gzip, deflate"  # of a body, as Accept-Encoding lists them
_JSON = "application/json"
_CODINGS = {"": "", "identity": "", "gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}
# Quoted text may hold the separator (RFC 9110 §5.6.4); a quote that is never closed reaches to the end.
_QUOTED = r'"(?:\\.|[^"\\])*(?:"|\\?\Z)'
_BETWEEN = {sign: re.compile(rf'(?:{_QUOTED}|[^"{sign}])+', re.DOTALL) for sign in ",;"}
_NOTHING = ""  # a range that matches nothing we have
_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


def is_json(content_type: str | None) -> bool:
    """Tell whether a Content-Type is JSON; parameters do not matter (RFC 9110 §8.3)."""
    if content_type == _JSON:
        return True
    return content_type is not None and content_type.split(";", 1)[0].strip().lower() == _JSON


def read_coding(content_encoding: str | None) -> str | None:
    """Return `gzip`, `deflate`, or an empty text for a body that comes as it is; None for every other coding.

    RFC 9110 §8.4: names have no case, `x-gzip` is gzip, and a list is several codings, one around the other.
    """
    return "" if content_encoding is None else _CODINGS.get(content_encoding.strip().lower())


def accepts_json(accept: str | None) -> bool:
    """Tell whether an Accept header admits JSON."""
    return accept is None or accept in ("*/*", _JSON) or weight_of(accept, _JSON) > 0


def weight_of(accept: str, media_type: str) -> float:
    """Return the weight that an Accept header gives a media type, from 0, which excludes it, to 1.

    Of the ranges that match, the most specific counts (RFC 9110 §12.5.1), and of equally specific ones the greatest
    weight. A weight that is malformed, such as `q=nan` or `q=2`, is ignored, and so is what is no range, such as `json`
    or `*`. A header without any range admits all.
    """
    ranges = list(_ranges(accept))
    if not ranges:
        return 1.0
    kind = media_type.partition("/")[0]
    specificity = {media_type: 3, f"{kind}/*": 2, "*/*": 1}
    return max(((specificity[name], weight) for name, weight in ranges if name in specificity), default=(0, 0.0))[1]


def choose_type(accept: str | None, offered: Sequence[str]) -> str:
    """Return the media type of the offered ones that an Accept header weighs most.

    The first of equals; the first of all, too, where the header excludes each (RFC 9110 §12.5.1 permits that).
    """
    return offered[0] if accept is None else max(offered, key=lambda media_type: weight_of(accept, media_type))


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    """Give the media ranges with their weights."""
    for item in _split(accept, ","):
        name, *parameters = _split(item, ";")
        if "/" in name:
            yield _read_range(name.strip(" \t").lower(), [part.strip(" \t") for part in parameters])


def _read_range(name: str, parameters: Sequence[str]) -> tuple[str, float]:
    """Return a range and its weight.

    Parameters beside the weight name a variant that nothing here has: such a range admits the plain type, since
    clients mean that, but never excludes it.
    """
    weights = [part[2:] for part in parameters if part[:2].lower() == "q="]
    weight = _read_weight(weights[0]) if weights else 1.0
    is_variant = len(weights) < len([part for part in parameters if part])
    return (_NOTHING if is_variant and not weight else name), weight


def _split(text: str, separator: str) -> Sequence[str]:
    return text.split(separator) if '"' not in text else _BETWEEN[separator].findall(text) or [""]


def _read_weight(text: str) -> float:
    return float(text) if _WEIGHT.fullmatch(text) else 1.0


def read_preferences(prefer: str) -> dict[str, str]:
    """Return the preferences of a Prefer header by name; of a repeated one the first counts (RFC 7240 §2)."""
    preferences: dict[str, str] = {}
    for item in _split(prefer, ","):
        name, _, value = _split(item, ";")[0].partition("=")
        preferences.setdefault(name.strip().lower(), value.strip().strip('"'))
    return preferences
