"""A mock of one vendor endpoint, Update Customer Details, that names what each answer rests on.

`MockServer` and `CustomerApi` are for test suites (`mockserver.testing`); they are imported when they are asked for, so
that the command line and the pytest plugin start quickly.
"""

import importlib
import typing

if typing.TYPE_CHECKING:
    from mockserver.testing import CustomerApi, MockServer

__version__ = "0.1.0"

__all__ = ["CustomerApi", "MockServer", "__version__"]


def __getattr__(name: str) -> typing.Any:  # Any: a class; the type checker reads the import above
    if name in ("CustomerApi", "MockServer"):
        return getattr(importlib.import_module("mockserver.testing"), name)
    raise AttributeError(f"module 'mockserver' has no attribute {name!r}")
