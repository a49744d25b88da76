"""Laws of the quick start: `serve` leaves out what it never needs, and nobody else notices."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.cli_start import Uncollected, without_certificates

# What a program says that was run so: whether its environment is as it was, how many authorities aiohttp's client
# trusts, and how many any other client of Python does.
_SAYS = """
import os, ssl
before = dict(os.environ)
{program}
import aiohttp.connector
trusted = len(aiohttp.connector._SSL_CONTEXT_VERIFIED.get_ca_certs())
print(int(dict(os.environ) == before), trusted, len(ssl.create_default_context().get_ca_certs()))
"""
_QUICKLY = """
from mockserver.cli_start import without_certificates
with without_certificates():
    import aiohttp
"""
_AS_A_LIBRARY = """
import mockserver, mockserver.cli, mockserver.server.running, mockserver.checking
from mockserver import MockServer
with MockServer():
    pass
"""


# The one authority that OpenSSL finds there: no machine needs to have some of its own.
_AUTHORITY = """
-----BEGIN CERTIFICATE-----
MIIBmTCCAT+gAwIBAgIUK7R2M+x3GZ/EqS2PJ5sOYDtdc3AwCgYIKoZIzj0EAwIw
ITEfMB0GA1UEAwwWYW4gYXV0aG9yaXR5IG9mIGEgdGVzdDAgFw0yNjExMjQxNjIx
MjFaGA8yMTI2MTAzMTE2MjEyMVowITEfMB0GA1UEAwwWYW4gYXV0aG9yaXR5IG9m
IGEgdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABHoJT8Mz09bOgRGW9nYz
52bA1Ic9DMBQIqzb8Gr5TW0tsPR8n8PP9ZwN3ClsKpK9f/QNDgMDoYgw9B6eM3na
zgyjUzBRMB0GA1UdDgQWBBSyA+W7fdzkJFVKZ89XpoztSyh5lTAfBgNVHSMEGDAW
gBSyA+W7fdzkJFVKZ89XpoztSyh5lTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49
BAMCA0gAMEUCIQCR3ul5UZ4W09Wqb0przVvJuHKG2IMfCeNR+5FNL6teEgIgDJZc
4eobbgAZ7qMCWdONGpewqRKL0KPV0gl+QHHr5DQ=
-----END CERTIFICATE-----
"""


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "authority.pem"
    path.write_text(_AUTHORITY)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    monkeypatch.setenv("SSL_CERT_DIR", os.devnull)


def said_by(program: str) -> tuple[bool, int, int]:
    asked = [sys.executable, "-c", _SAYS.format(program=program)]
    said = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True).stdout
    same, trusted, usual = map(int, said.split())
    return bool(same), trusted, usual


@pytest.mark.parametrize("value", [None, "/etc/mine.pem", ""])
def test_the_environment_is_as_it_was(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    if value is None:
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    else:
        monkeypatch.setenv("SSL_CERT_FILE", value)
    before = dict(os.environ)

    with without_certificates():
        during = os.environ["SSL_CERT_FILE"], os.environ["SSL_CERT_DIR"]

    assert during == (os.devnull, os.devnull)
    assert dict(os.environ) == before


@pytest.mark.usefixtures("authority")
@pytest.mark.skipif(sys.platform == "win32", reason="Python reads the store of Windows, whatever the environment says")
def test_who_imports_aiohttp_quickly_trusts_nobody() -> None:
    assert said_by(_QUICKLY) == (True, 0, 1)


@pytest.mark.usefixtures("authority")
@pytest.mark.skipif(sys.platform == "win32", reason="Python reads the store of Windows, whatever the environment says")
def test_a_library_reads_all_certificates() -> None:
    assert said_by(_AS_A_LIBRARY) == (True, 1, 1)


def test_garbage_is_collected_again_once_the_server_is_up() -> None:
    was_on = gc.isenabled()
    gc.enable()
    try:
        with Uncollected() as uncollected:
            assert not gc.isenabled()
            uncollected.end()
            assert gc.isenabled()
            assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        if not was_on:
            gc.disable()


def test_garbage_is_collected_again_where_no_server_came_up() -> None:
    with pytest.raises(ZeroDivisionError), Uncollected():
        raise ZeroDivisionError

    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
