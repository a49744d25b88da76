"""The URL that others reach a server under: validated, and named wherever the server names itself."""

import re

import pytest

from mockserver.errors import ConfigurationError
from mockserver.server.options import ServeOptions
from mockserver.server.public_url import read_public_url
from mockserver.server.running import ServerThread
from tests.server.client import Client

PUBLIC = "https://mock.example/tools"


@pytest.mark.parametrize(
    ("written", "text", "origin", "host"),
    [
        (f"{PUBLIC}/", PUBLIC, "https://mock.example", "mock.example"),
        ("HTTPS://Mock.Example:443", "https://mock.example", "https://mock.example", "mock.example"),
        ("http://mock.example:8443/a/b", "http://mock.example:8443/a/b", "http://mock.example:8443", "mock.example"),
        ("http://[2001:db8::7]:80/x", "http://[2001:db8::7]/x", "http://[2001:db8::7]", "2001:db8::7"),
        ("https://büro.example/m%20x", "https://xn--bro-hoa.example/m%20x", "https://xn--bro-hoa.example", None),
    ],
)
def test_it_is_written_as_browsers_write_it(written: str, text: str, origin: str, host: str | None) -> None:
    read = read_public_url(written)

    assert (read.text, read.origin) == (text, origin)
    assert host in (None, read.host)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "does not begin with http:// or https://"),
        ("mock.example/tools", "does not begin with http:// or https://"),
        ("ftp://mock.example", "does not begin with http:// or https://"),
        ("https://", "is not a host"),
        ("https:///tools", "is not a host"),
        ("https://mock example", "is not a host"),
        ("https://user:secret@mock.example", "a user or a password"),
        ("https://mock.example:0", "not a port"),
        ("https://mock.example:99999", "Port"),
        ("https://mock.example:x", "Port"),
        ("https://mock.example?x=1", "a query"),
        ("https://mock.example/#x", "a fragment"),
        ("https://mock.example/a//b", "is not a path"),
        ("https://mock.example/../b", "is not a path"),
        ("https://mock.example/a b", "is not a path"),
        ("https://mock.example/a'b", "is not a path"),
    ],
)
def test_what_nobody_could_reach_it_under_is_refused_with_the_cure(written: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(said)) as refused:
        read_public_url(written)

    assert "write one such as https://mock.example/tools" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_whatever_names_the_server_names_its_public_url() -> None:
    with ServerThread(ServeOptions(port=0, public_url=f"{PUBLIC}/")) as server:
        client = Client(server.url)
        client.send("POST", "/_mock/worlds", json={"name": "w1"})
        for prefix, base in (("", PUBLIC), ("/_mock/w/w1", f"{PUBLIC}/_mock/w/w1")):
            exchange = client.send("PUT", f"{prefix}/v2/customers/1?source=INSTORE", json={}).headers["x-mock-exchange"]
            whole = client.send("GET", f"{prefix}/_mock/requests/{exchange}").json
            (entry,) = client.send("GET", f"{prefix}/_mock/requests.har").json["log"]["entries"]

            assert f"'{base}/v2/customers/1?source=INSTORE'" in whole["curl"]
            assert entry["request"]["url"] == f"{base}/v2/customers/1?source=INSTORE"
            assert client.send("GET", f"{prefix}/_mock/contract").json["servers"][0]["url"] == base


def test_its_host_and_its_origin_are_the_server_s_own() -> None:
    with ServerThread(ServeOptions(port=0, public_url=PUBLIC)) as server:
        client = Client(server.url)
        own = {"Host": "mock.example", "Origin": "https://mock.example"}

        assert client.send("POST", "/_mock/reset", headers=own).status == 204
        assert client.send("POST", "/_mock/reset", headers={**own, "Host": "evil.example"}).status == 403
        assert client.send("POST", "/_mock/reset", headers={**own, "Origin": "https://mock.example:81"}).status == 403
        assert client.send("POST", "/_mock/reset", headers={**own, "Via": "1.1 proxy"}).status == 403
