"""Which texts of a state are personal: names, what identifies or reaches the customer, and what fields say of them."""

from collections.abc import Iterator

from mockserver.verification.state import State

_NAMES = ("/firstName", "/lastName")


def personal_texts(state: State) -> Iterator[str]:
    """Give the personal texts that reads showed of a customer."""
    for path, value in state.flat.items():
        if isinstance(value, str) and _is_personal(path):
            yield value
        if "/commChannels/" in path:
            yield path.partition("/commChannels/")[2].partition(":")[2].rpartition("/")[0].removesuffix("/meta")


def _is_personal(path: str) -> bool:
    parts = path.split("/")
    within = parts[2] if parts[0] == "profiles" and len(parts) > 2 else parts[0]
    return path.endswith(_NAMES) or within in ("fields", "identifiers", "extendedFields")
