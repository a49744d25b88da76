"""Laws of the transport over HTTP: it carries what it is given, adds no credentials, and says failures in a line."""

import shutil
import socket
import ssl
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic

import pytest

from mockserver.errors import TargetError
from mockserver.messages import Request, Response
from mockserver.verification.failures import CutError
from mockserver.verification.loopback import is_loopback
from mockserver.verification.transport import HttpTransport, read_url

READ = Request(method="GET", path="/v2/customers/171891944", query="source=INSTORE")
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


class Echo(ThreadingHTTPServer):
    """A server that keeps the requests it gets, and answers every one alike."""

    def __init__(self, status: int = 200, headers: tuple[tuple[str, str], ...] = (), body: bytes = b"{}") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.headers, self.body = status, headers, body
        self.got: list[tuple[str, str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that do not trust the certificate."""


class _Handler(BaseHTTPRequestHandler):
    server: Echo

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): ", ".join(self.headers.get_all(name, [])) for name in self.headers}
        self.server.got.append((self.command, self.path, headers, body))
        self.send_response(self.server.status)
        for name, value in (*self.server.headers, ("Content-Length", str(len(self.server.body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else self.server.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
        """Say nothing."""


@contextmanager
def running(server: Echo) -> Iterator[Echo]:
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def carry(url: str, request: Request = READ, *, ca_bundle: str | None = None, seconds: float = 10.0) -> Response:
    transport = HttpTransport(url, ca_bundle=ca_bundle, seconds=seconds)
    try:
        return transport.carry(request)
    finally:
        transport.close()


def failure_of(url: str, *, ca_bundle: str | None = None, seconds: float = 10.0) -> str:
    """Return the one line that says why a target cannot be reached."""
    with pytest.raises(TargetError) as failed:
        carry(url, ca_bundle=ca_bundle, seconds=seconds)
    said = str(failed.value)
    assert len(said.splitlines()) == 1
    assert said.startswith(f"{url} cannot be reached: ")
    return said


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test says itself which proxies there are."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def made_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a self-signed certificate of localhost, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    command = [openssl, "req", "-x509", *kind, "-keyout", str(key), "-out", str(certificate), *names]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    return certificate, key


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """The port of a server with a certificate of its own, and the certificate's path."""
    certificate, key = made_certificate(tmp_path_factory.mktemp("tls"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = Echo()
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with running(server):
        yield server.server_port, str(certificate)


@pytest.mark.parametrize(
    ("prefix", "seen"),
    [("", ""), ("/", ""), ("/eu/api", "/eu/api"), ("/eu/api/", "/eu/api"), ("/a%20b", "/a%20b")],
)
def test_the_path_of_the_base_url_goes_before_the_request_s(prefix: str, seen: str) -> None:
    with running(Echo()) as server:
        carry(f"{server.url}{prefix}")

    [(method, path, _, _)] = server.got
    assert (method, path) == ("GET", f"{seen}/v2/customers/171891944?source=INSTORE")


def test_a_body_and_headers_are_carried_as_they_are() -> None:
    body = '{"profiles": [{"firstName": "王伟"}]}'.encode()
    request = Request(method="PUT", path="/v2/customers/1", headers={"content-type": "application/json"}, body=body)

    with running(Echo()) as server:
        carry(server.url, request)

    [(method, _, headers, got)] = server.got
    assert (method, headers["content-type"], got) == ("PUT", "application/json", body)
    assert headers["accept"] == "application/json"


def test_of_headers_that_differ_in_case_alone_the_last_is_carried() -> None:
    headers = {"Authorization": "Basic right", "accept": "text/html", "authorization": "Basic wrong"}

    with running(Echo()) as server:
        carry(server.url, Request(method="GET", path="/v2/customers/1", headers=headers))

    [(_, _, got, _)] = server.got
    assert (got["accept"], got["authorization"]) == ("text/html", "Basic wrong")


def test_an_answer_comes_back_as_it_is() -> None:
    with running(Echo(418, (("X-Cap-Requestid", "r-1"),), b"short and stout")) as server:
        answer = carry(server.url)

    assert (answer.status, answer.headers["X-Cap-Requestid"], answer.body) == (418, "r-1", b"short and stout")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with running(Echo()) as elsewhere, running(Echo(status, (("Location", elsewhere.url),))) as server:
        answer = carry(server.url)

    assert answer.status == status
    assert elsewhere.got == []


def test_no_cookie_is_brought_back() -> None:
    with running(Echo(headers=(("Set-Cookie", "session=1; Path=/"),))) as server:
        transport = HttpTransport(server.url)
        for _ in range(2):
            transport.carry(READ)
        transport.close()

    assert [headers.get("cookie") for _, _, headers, _ in server.got] == [None, None]


def test_a_netrc_adds_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password anything\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))

    with running(Echo()) as server:
        carry(server.url)

    assert "authorization" not in server.got[0][2]


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(Echo()) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        carry("http://staging.invalid/api")

    assert proxy.got[0][1] == "http://staging.invalid/api/v2/customers/171891944?source=INSTORE"


def test_no_proxy_is_used_where_the_environment_excepts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(Echo()) as proxy, running(Echo()) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        carry(server.url)

    assert (len(proxy.got), len(server.got)) == (0, 1)


def test_a_certificate_of_its_own_is_trusted_with_its_bundle_only(secured: tuple[int, str]) -> None:
    port, certificate = secured
    url = f"https://localhost:{port}"

    assert carry(url, ca_bundle=certificate).status == 200
    assert failure_of(url).endswith("its certificate is not trusted; give its authority's with --ca-bundle FILE")


def test_a_certificate_for_another_name_is_said(secured: tuple[int, str]) -> None:
    port, certificate = secured

    said = failure_of(f"https://127.0.0.1:{port}", ca_bundle=certificate)

    assert "its certificate is for another name" in said


def test_a_bundle_that_is_none_is_said(secured: tuple[int, str], tmp_path: Path) -> None:
    port, _ = secured
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense", encoding="utf-8")

    for bundle in (nonsense, tmp_path / "nowhere.pem"):
        assert "--ca-bundle" in failure_of(f"https://localhost:{port}", ca_bundle=str(bundle))


def test_tls_with_a_server_that_speaks_none_is_said() -> None:
    with running(Echo()) as server:
        assert "it does not speak TLS" in failure_of(server.url.replace("http", "https"))


def test_a_port_at_which_nothing_listens_is_said() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert "nothing listens there" in failure_of(f"http://127.0.0.1:{bound.getsockname()[1]}")


def test_a_host_that_is_none_is_said() -> None:
    said = failure_of("http://staging.invalid")

    assert "there is no such host" in said or "its name cannot be looked up" in said


def test_a_server_that_never_answers_is_given_up_in_time() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        said = failure_of(f"http://127.0.0.1:{listening.getsockname()[1]}", seconds=0.2)

    assert said.endswith("it does not answer in time; see --timeout")


def test_a_server_that_hangs_up_is_said() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = Thread(target=_hang_up, args=(listening,))
        thread.start()
        said = failure_of(f"http://127.0.0.1:{listening.getsockname()[1]}")
        thread.join()

    assert said.endswith("it closes the connection without an answer")


def _hang_up(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.recv(65536)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "staging.example",
        "ftp://staging.example",
        "http://",
        "http://[",
        "http://host:port",
        "http://h:99999",
        "http://a b",
    ],
)
def test_what_is_no_base_url_is_refused_in_a_line(text: str) -> None:
    with pytest.raises(TargetError, match="is no base URL") as refused:
        read_url(text)

    assert len(str(refused.value).splitlines()) == 1


def test_a_url_with_credentials_is_refused_and_not_repeated() -> None:
    with pytest.raises(TargetError) as refused:
        read_url("https://till:c4nary@staging.example")

    assert "--auth-env" in str(refused.value)
    assert "c4nary" not in str(refused.value)


@pytest.mark.parametrize("end", ["?a=b", "#top"])
def test_a_base_url_has_no_query_and_no_fragment(end: str) -> None:
    with pytest.raises(TargetError, match="base URL only"):
        read_url(f"https://staging.example/{end}")


def _lost_by(act: Callable[[socket.socket], None], *, seconds: float = 10.0) -> TargetError:
    """Return the error of a request to a server that takes it and then does this with the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=_serve_one, args=(listening, act))
        thread.start()
        try:
            with pytest.raises(TargetError) as failed:
                carry(f"http://127.0.0.1:{listening.getsockname()[1]}", seconds=seconds)
        finally:
            thread.join()
    return failed.value


def _serve_one(listening: socket.socket, act: Callable[[socket.socket], None]) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.recv(65536)
        act(connection)


def _close(connection: socket.socket) -> None:
    connection.close()


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _cut_short(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


def _keep_silent(connection: socket.socket) -> None:
    connection.recv(1)  # returns when the client gives up


@pytest.mark.parametrize("act", [_close, _reset, _cut_short])
def test_a_connection_that_is_cut_is_told_from_one_that_never_came_about(
    act: Callable[[socket.socket], None],
) -> None:
    lost = _lost_by(act)

    assert isinstance(lost, CutError)
    assert lost.what == "connection cut"


def test_an_answer_that_does_not_come_in_time_is_a_time_out() -> None:
    lost = _lost_by(_keep_silent, seconds=0.2)

    assert isinstance(lost, CutError)
    assert lost.what == "time-out"


def test_a_port_at_which_nobody_listens_was_never_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    with pytest.raises(TargetError) as failed:
        carry(f"http://127.0.0.1:{port}")

    assert not isinstance(failed.value, CutError)


def _trickle(connection: socket.socket) -> None:
    """Send a byte now and then, each well within the time-out, until the client gives up."""
    connection.settimeout(0.05)
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b" " * 1000:
        try:
            connection.sendall(bytes([byte]))
            connection.recv(1)
        except TimeoutError:
            continue
        except OSError:
            return
        return


def test_a_server_that_trickles_is_given_up_when_the_time_of_the_whole_exchange_is_over() -> None:
    began = monotonic()

    lost = _lost_by(_trickle, seconds=0.5)

    assert isinstance(lost, CutError)
    assert lost.what == "time-out"
    assert monotonic() - began < 3


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.8.9.1",
        "[::1]",
        "mock.localhost",
        "LOCALHOST",
        "127.1",
        "2130706433",
        "[::ffff:127.0.0.1]",
    ],
)
def test_this_machine_is_known_by_its_addresses(host: str) -> None:
    assert is_loopback(f"http://{host}:8080/api")


@pytest.mark.parametrize(
    "host", ["staging.example", "10.0.0.1", "localhost.example", "0.0.0.0", "10.1", "[::ffff:10.0.0.1]"]
)
def test_other_machines_are_none(host: str) -> None:
    assert not is_loopback(f"http://{host}:8080")


def test_this_machine_is_reached_without_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(Echo()) as proxy, running(Echo()) as server:
        for name in ("HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        carry(server.url)

    assert (len(proxy.got), len(server.got)) == (0, 1)


@pytest.mark.parametrize("excepted", ["staging.invalid", ".invalid", "10.0.0.0/8,staging.invalid", "*"])
def test_no_proxy_is_used_for_hosts_that_the_environment_names(monkeypatch: pytest.MonkeyPatch, excepted: str) -> None:
    with running(Echo()) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", excepted)
        failure_of("http://staging.invalid")

    assert proxy.got == []


def test_a_proxy_that_fails_is_named_without_its_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{bound.getsockname()[1]}"
        for scheme in ("http", "https"):
            monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://me:c4nary@{address}")
            said = failure_of(f"{scheme}://staging.invalid")
            assert f"through the proxy http://{address} of the environment, nothing listens there" in said
            assert "c4nary" not in said


def test_a_proxy_that_wants_credentials_is_told_from_a_target_that_does(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(Echo(407)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        said = failure_of("http://staging.invalid")

    assert f"the proxy {proxy.url} of the environment, it wants credentials" in said


@pytest.mark.parametrize(("status", "told"), [(407, "it wants credentials, "), (502, "Tunnel connection failed: 502 ")])
def test_a_proxy_that_opens_no_tunnel_says_why(monkeypatch: pytest.MonkeyPatch, status: int, told: str) -> None:
    with running(Echo(status)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        said = failure_of("https://staging.invalid")

    assert f"the proxy {proxy.url} of the environment, {told}" in said


def test_a_proxy_may_be_named_without_a_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(Echo()) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removeprefix("http://"))
        carry("http://staging.invalid")

    assert len(proxy.got) == 1


def test_what_speaks_no_http_is_told_as_such() -> None:
    lost = _lost_by(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n"))

    assert "what answers there does not speak HTTP" in str(lost)


def test_credentials_of_a_proxy_go_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(Echo()) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("//", "//me:secret@"))
        carry("http://staging.invalid")

    assert proxy.got[0][2]["proxy-authorization"] == "Basic bWU6c2VjcmV0"
