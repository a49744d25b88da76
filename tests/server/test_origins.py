"""Which origins may ask: those of this machine, and those that `--cors` names; what can never match is refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import ConfigurationError
from mockserver.server.origins import is_loopback_host, is_loopback_origin, read_origins

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
NAME = st.lists(LABEL, min_size=1, max_size=3).map(lambda labels: ".".join([*labels, "example"]))
PORT = st.one_of(st.none(), st.integers(1, 65_535))


def origin_of(scheme: str, name: str, port: int | None) -> str:
    """Write an origin as browsers do."""
    is_usual = port in (None, {"http": 80, "https": 443}[scheme])
    return f"{scheme}://{name}" if is_usual else f"{scheme}://{name}:{port}"


@given(st.sampled_from(["http", "https"]), NAME, PORT, st.booleans(), st.booleans())
def test_however_an_origin_is_written_its_page_may_ask_and_no_other(
    scheme: str, name: str, port: int | None, is_loud: bool, has_slash: bool
) -> None:
    written = f"{scheme}://{name}{'' if port is None else f':{port}'}{'/' if has_slash else ''}"

    allowed = read_origins([f" {written.upper() if is_loud else written} "])

    assert allowed.admit(origin_of(scheme, name, port))
    assert not allowed.admit(origin_of("https" if scheme == "http" else "http", name, 4711))
    assert not allowed.admit(origin_of(scheme, f"x.{name}", port))
    assert not allowed.admit(f"{origin_of(scheme, name, port)}.evil.test")


@given(NAME, PORT)
def test_a_wildcard_stands_for_subdomains_and_for_nothing_else(name: str, port: int | None) -> None:
    allowed = read_origins([f"https://*.{name}{'' if port is None else f':{port}'}"])

    assert allowed.admit(origin_of("https", f"a.{name}", port))
    assert allowed.admit(origin_of("https", f"a.b-c.{name}", port))
    for other in (name, f"evil{name}", f"user@a.{name}", f"evil.test/.{name}", f".{name}", f"a.{name}.evil.test"):
        assert not allowed.admit(origin_of("https", other, port))
    assert not allowed.admit(origin_of("http", f"a.{name}", port))


@pytest.mark.parametrize("origin", ["https://app.example", "http://192.0.2.7:3000", "null", "capacitor://localhost"])
def test_a_star_allows_every_page(origin: str) -> None:
    assert read_origins(["*"]).admit(origin)
    assert not read_origins([]).admit(origin)


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("https://app.example:443/", "https://app.example"),
        ("http://app.example:80", "http://app.example"),
        ("http://app.example:443", "http://app.example:443"),
        ("https://app.example:0443", "https://app.example"),
        ("https://büro.example", "https://xn--bro-hoa.example"),
        ("https://*.büro.example", "https://a.xn--bro-hoa.example"),
        ("http://[2001:DB8:0::1]:3000", "http://[2001:db8::1]:3000"),
        ("null", "null"),
        ("capacitor://localhost", "capacitor://localhost"),
    ],
)
def test_an_origin_is_compared_as_browsers_write_it(written: str, origin: str) -> None:
    assert read_origins([written]).admit(origin)


@pytest.mark.parametrize(
    ("written", "cure"),
    [
        ("app.example", "write https://app.example"),
        ("app.example:3000", "write https://app.example:3000"),
        ("//app.example", "has no scheme"),
        ("", "has no scheme"),
        ("https://", "is not a host"),
        ("https://app.example/path", "write https://app.example"),
        ("https://app.example?x=1", "write https://app.example"),
        ("https://app.example#x", "write https://app.example"),
        ("https://user:secret@app.example", "write https://app.example"),
        ("ftp://app.example", "no page has an origin with ftp:"),
        ("ws://app.example", "no page has an origin with ws:"),
        ("file:///home/me/index.html", "write null"),
        ("https://*.*.example", "one whole label"),
        ("https://app.*.example", "one whole label"),
        ("https://*app.example", "one whole label"),
        ("https://*", "or * for any"),
        ("https://app.example:0", "is not a port"),
        ("https://app.example:99999", "is not a port"),
        ("https://app.example:x", "is not a host"),
        ("https://app example", "is not a host"),
        ("https://app..example", "is not a host"),
        ("https://[::g]", "is not a host"),
        ("http://127.0.0.256:3000", "is not a host"),
        ("https://app.1", "is not a host"),
        ("https://app.example,https://b.example", "once for each"),
        ("https://app.example https://b.example", "once for each"),
    ],
)
def test_what_no_page_can_ever_match_is_refused_with_the_cure(written: str, cure: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(cure)) as refused:
        read_origins(["https://app.example", written])

    assert str(refused.value).startswith(f"--cors {written.replace('user:secret', '[hidden]')!r}")


def refusal_of(text: str) -> str:
    """Return why a text is refused, empty where it is read."""
    try:
        read_origins([text])
    except ConfigurationError as refused:
        return str(refused)
    return ""


@given(st.text(max_size=40))
def test_every_text_is_read_or_refused_in_one_line(text: str) -> None:
    assert not refusal_of(text) or refusal_of(text).isprintable()


LOCAL = [
    *("localhost", "LOCALHOST", "app.localhost", "a.b.localhost", "127.0.0.1", "127.255.0.3", "[::1]"),
    *("[::ffff:127.0.0.1]",),
]
FOREIGN = [
    *("localhost.evil.example", "evil-localhost", "evillocalhost", "127.0.0.1.evil", "127.0.0.1.evil.example"),
    *("evil.example", "128.0.0.1", "0.0.0.0", "[::2]", "[::]", "127.0.0.256", "user@localhost", "evil/localhost"),
    *("evil.example#localhost", ".localhost", "local host", "localhost\n"),
]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("port", ["", ":3000"])
@pytest.mark.parametrize("name", LOCAL)
def test_a_page_of_this_machine_may_always_ask(scheme: str, name: str, port: str) -> None:
    assert is_loopback_origin(f"{scheme}://{name}{port}")


@pytest.mark.parametrize("port", ["", ":3000"])
@pytest.mark.parametrize("name", FOREIGN)
def test_a_page_that_only_looks_like_one_of_this_machine_may_not(name: str, port: str) -> None:
    assert not is_loopback_origin(f"http://{name}{port}")


@pytest.mark.parametrize(
    "origin", ["null", "", "localhost", "ftp://localhost", "http://localhost/", "http://localhost:"]
)
def test_what_is_no_origin_is_not_of_this_machine(origin: str) -> None:
    assert not is_loopback_origin(origin)


@given(st.text(max_size=20))
def test_any_text_can_be_asked_about(text: str) -> None:
    assert is_loopback_host(f"x{text}y") is False
