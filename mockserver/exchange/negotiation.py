"""What the headers of a request say about its body and its answer: Content-Type, Content-Encoding, Accept, Prefer."""

from collections.abc import Iterator

CODINGS = "gzip, deflate"  # of a body, as Accept-Encoding lists them
_JSON = "application/json"
_CODINGS = {"": "", "identity": "", "gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}
_MATCHES = {_JSON: 3, "application/*": 2, "*/*": 1}


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
    """Tell whether an Accept header admits JSON: its most specific matching range decides (RFC 9110 §12.5.1)."""
    if accept is None or accept in ("*/*", _JSON) or not accept.strip():
        return True
    best, quality = 0, 0.0
    for media_range, weight in _ranges(accept):
        rank = _MATCHES.get(media_range, 0)
        if rank > best:
            best, quality = rank, weight
    return quality > 0


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for item in accept.split(","):
        media_range, *parameters = (part.strip() for part in item.split(";"))
        yield media_range.lower(), _quality(parameters)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            return _read_weight(value.strip())
    return 1.0


def _read_weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # a weight that is no number says nothing
        return 1.0


def read_preferences(prefer: str) -> dict[str, str]:
    """Return the preferences of a Prefer header by name; of a repeated one the first counts (RFC 7240 §2)."""
    preferences: dict[str, str] = {}
    for item in prefer.split(","):
        name, _, value = item.split(";", 1)[0].partition("=")
        preferences.setdefault(name.strip().lower(), value.strip().strip('"'))
    return preferences
