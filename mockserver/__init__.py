"""A mock of one vendor endpoint, Update Customer Details, that names what each answer rests on.

`MockServer`, `CustomerApi` and `CustomerApiFactory` are for test suites (`mockserver.testing`); they are imported when
they are asked for, so that the command line and the pytest plugin start quickly.
"""

import importlib
import typing

from mockserver.version import __version__

if typing.TYPE_CHECKING:
    from mockserver.testing import CustomerApi, CustomerApiFactory, MockServer

__distribution__ = "customer-mockserver"
__all__ = ["CustomerApi", "CustomerApiFactory", "MockServer", "__version__"]


def __getattr__(name: str) -> typing.Any:  # Any: a class; the type checker reads the import above
    if name in ("CustomerApi", "CustomerApiFactory", "MockServer"):
        return getattr(importlib.import_module("mockserver.testing"), name)
    if not name.startswith("_"):
        importlib.import_module("mockserver.coexistence").refuse_name_of_the_other(name)
    raise AttributeError(f"module 'mockserver' has no attribute {name!r}")
