"""The sockets of a server: one port for all addresses of a host, and an announced address that answers."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.errors import ConfigurationError
from mockserver.server.listening import are_local, is_any, listen, read_host, url_of
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from tests.server.client import Client


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no ::1")


@pytest.fixture
def both_families(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose `localhost` has both addresses, whatever its own file of hosts says."""
    resolve = socket.getaddrinfo

    def resolve_both(host: str, *args: Any, **options: Any) -> list[Any]:
        names = ("::1", "127.0.0.1") if host == "localhost" and not options.get("flags") else (host,)
        return [found for name in names for found in resolve(name, *args, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve_both)


@needs_ipv6
@pytest.mark.usefixtures("both_families")
def test_localhost_has_one_port_for_both_families() -> None:
    with ServerThread(ServeOptions(host="localhost", port=0)) as server:
        port = Client(server.url).port
        answers = [Client(f"http://{host}:{port}").update(171891944, {}) for host in ("127.0.0.1", "[::1]")]

    assert server.url == f"http://localhost:{port}"
    assert [answer.status for answer in answers] == [200, 200]


@needs_ipv6
@pytest.mark.usefixtures("both_families")
def test_a_port_that_is_taken_in_one_family_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    bind = socket.socket.bind
    refused: list[int] = []

    class Crowded(socket.socket):
        def bind(self, address: object) -> None:
            if self.family == socket.AF_INET and len(refused) < 3:
                refused.append(address[1])  # type: ignore[index]
                raise OSError(98, "Address already in use")
            bind(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "socket", Crowded)

    sockets = listen("localhost", 0)

    ports = {one.getsockname()[1] for one in sockets}
    for one in sockets:
        one.close()
    assert len(refused) == 3
    assert (len(sockets), len(ports)) == (2, 1)


@pytest.mark.usefixtures("both_families")
def test_an_address_that_the_machine_lacks_is_left_out_beside_another(monkeypatch: pytest.MonkeyPatch) -> None:
    class WithoutIPv6(socket.socket):
        def bind(self, address: object) -> None:
            if self.family == socket.AF_INET6:
                raise OSError(99, "Cannot assign requested address")
            super().bind(address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "socket", WithoutIPv6)

    (one,) = listen("localhost", 0)

    with one:
        assert one.getsockname()[0] == "127.0.0.1"


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        yield one.getsockname()[1]


def test_a_port_that_is_taken_is_said_with_the_cure(taken: int) -> None:
    with pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1:{taken}: .*choose another --port"):
        listen("127.0.0.1", taken)


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("nowhere.invalid", "not an address or a name of this machine"),
        ("127.0.0.1:8080", "without scheme and port"),
        ("http://127.0.0.1", "without scheme and port"),
        ("a" * 70, "not an address"),
        ("a..b", "not an address"),
        ("a\0b", "not an address"),
        ("192.0.2.1", "give an address of this machine"),
    ],
)
def test_a_host_that_cannot_be_used_is_refused_in_one_line_with_the_cure(host: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as refused:
        listen(read_host(host), 0)

    assert str(refused.value).isprintable()


@pytest.mark.parametrize("host", ["", " ", "[]"])
def test_an_empty_host_is_refused(host: str) -> None:
    with pytest.raises(ConfigurationError, match=r"--host is empty; give 127\.0\.0\.1 .* 0\.0\.0\.0 for all"):
        read_host(host)


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("[::1]", "::1"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("LOCALHOST", "localhost"),
        ("127.1", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("[::]", "::"),
        ("mock.test", "mock.test"),
    ],
)
def test_a_host_is_read_as_it_is_meant(written: str, host: str) -> None:
    assert read_host(written) == host


@pytest.mark.parametrize(("host", "url"), [("0.0.0.0", "http://127.0.0.1"), ("127.0.0.1", "http://127.0.0.1")])
def test_the_announced_address_answers(host: str, url: str) -> None:
    with ServerThread(ServeOptions(host=host, port=0)) as server:
        assert server.url == f"{url}:{Client(server.url).port}"
        assert Client(server.url).send("GET", "/_mock/customers").status == 200


@needs_ipv6
@pytest.mark.parametrize("host", ["::", "::1", "[::1]", "[::]"])
def test_the_announced_address_answers_over_ipv6(host: str) -> None:
    with ServerThread(ServeOptions(host=host, port=0)) as server:
        assert server.url == f"http://[::1]:{Client(server.url).port}"
        assert Client(server.url).send("GET", "/_mock/customers").status == 200


@pytest.mark.parametrize(("host", "is_local"), [("127.0.0.1", True), ("0.0.0.0", False), ("0", False)])
def test_who_can_reach_a_server_is_told_by_what_it_is_bound_to(host: str, is_local: bool) -> None:
    (one,) = listen(read_host(host), 0)

    with one:
        assert are_local([one]) is is_local
        assert is_any(read_host(host)) is not is_local
        assert url_of(read_host(host), [one]) == f"http://127.0.0.1:{one.getsockname()[1]}"
