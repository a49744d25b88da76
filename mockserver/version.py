"""The version, apart from the package's own `__init__.py`, which another distribution may replace (`coexistence`)."""

__version__ = "0.1.0"
