"""Beside `mockserver-client`, another distribution that has a package `mockserver`: who replaced whose `__init__.py`.

The two share `mockserver/__init__.py` and `py.typed` and no other file, and the one installed later has its own there.
Of ours only `from mockserver import MockServer` needs that file; `from mockserver.testing import MockServer` does not.
"""

import sys
from importlib.util import find_spec

_OTHER = "mockserver-client"
_OURS = "customer-mockserver"
_CURE = "give each an environment of its own"


def find_conflict() -> str:
    """Return which of the two has replaced the other's `__init__.py`, with the cure; "" where none has."""
    if getattr(sys.modules["mockserver"], "__distribution__", None) != _OURS:
        return (
            f"mockserver/__init__.py is not that of {_OURS} any more: {_OTHER} was installed, or removed, after it; "
            f"import from mockserver.testing, or {_CURE}"
        )
    if is_other_here():
        return f"{_OURS} was installed after {_OTHER}, and has replaced its mockserver/__init__.py; {_CURE}"
    return ""


def is_other_here() -> bool:
    """Tell whether the modules of the other distribution lie beside ours."""
    return find_spec("mockserver.client") is not None


def refuse_name_of_the_other(name: str) -> None:
    """Raise ImportError for a name that the package would have if the other's `__init__.py` were still there."""
    if is_other_here():
        raise ImportError(f"cannot import {name!r} from mockserver: {find_conflict()}", name="mockserver")
