"""A quick start of the process of `mockserver serve`: it does not do what this process will never need.

Only the command may do so. A program that uses mockserver as a library makes connections of its own, and collects its
garbage as it likes.
"""

import gc
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

# Where OpenSSL looks for the certificates of authorities, before its own places.
_NO_CERTIFICATES: Mapping[str, str] = {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}


@contextmanager
def without_certificates() -> Iterator[None]:
    """Let OpenSSL find no certificates of authorities meanwhile.

    When aiohttp is imported it reads all of them, which takes 40 ms, for what its client asks over TLS. A mock asks
    nobody. If something in this process did so by aiohttp after all, it would trust nobody, rather than anybody; on
    Windows, whose own store Python reads whatever stands here, it would trust the usual authorities.
    """
    before = {name: os.environ.get(name) for name in _NO_CERTIFICATES}
    os.environ.update(_NO_CERTIFICATES)
    try:
        yield
    finally:
        for name, value in before.items():
            _set_again(name, value)


def _set_again(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


class Uncollected:
    """Collects no garbage until the server is up: `with Uncollected() as uncollected: …; uncollected.end()`.

    Code, contract and seed are made meanwhile, and stay. Python would look through them 150 times in vain, which takes
    25 ms; afterwards they are frozen, so that it never looks through them again.
    """

    def __enter__(self) -> "Uncollected":
        self._is_on = gc.isenabled()
        gc.disable()
        return self

    def end(self) -> None:
        """Collect garbage again, but not what is there by now."""
        if self._is_on:
            gc.freeze()
            gc.enable()
            self._is_on = False

    def __exit__(self, *error: object) -> None:
        if self._is_on:  # no server came up
            gc.enable()
