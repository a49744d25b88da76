"""Laws of a target's file: what it may say, that it holds no secret, and that the command line counts first."""

from dataclasses import fields
from pathlib import Path

import pytest

from mockserver.config import CheckOptions, read_header, read_rate, read_seconds, read_secret, read_target
from mockserver.errors import ConfigurationError

WHOLE = """
url: https://staging.example/eu
auth-env: STAGING_AUTH
customers:
  171891944@INSTORE: {firstName: Asha}
  171891945@WECHAT:22232:
allow: [writes]
parallel: true
world: demo
dialect: dialects/staging.yaml
rate: 45/m
budget: 500
max-time: 60s
headers: {X-Tenant: eu, X-Shard: 7}
values: {mobile: "44770090{n:4}"}
ca-bundle: ../authority.pem
timeout: 5s
phases: [golden, statements]
"""


def target_of(folder: Path, text: str) -> CheckOptions:
    path = folder / "staging.yaml"
    path.write_text(text, encoding="utf-8")
    return read_target(path)


def refusal_of(folder: Path, text: str) -> str:
    """Return what a file is refused with, without its path."""
    with pytest.raises(ConfigurationError) as refused:
        target_of(folder, text)
    said = str(refused.value)
    assert said.startswith(f"{folder / 'staging.yaml'}:")
    assert len(said.splitlines()) == 1
    return said.removeprefix(f"{folder / 'staging.yaml'}:")


def test_a_file_may_say_all_that_the_command_line_can(tmp_path: Path) -> None:
    assert target_of(tmp_path, WHOLE) == CheckOptions(
        url="https://staging.example/eu",
        auth_env="STAGING_AUTH",
        customers=("171891944@INSTORE", "171891945@WECHAT:22232"),
        allow=("writes",),
        parallel=True,
        world="demo",
        dialect=tmp_path / "dialects/staging.yaml",
        rate="45/m",
        budget=500,
        max_time="60s",
        headers=("X-Tenant: eu", "X-Shard: 7"),
        values=("mobile=44770090{n:4}",),
        ca_bundle=tmp_path / "../authority.pem",
        timeout="5s",
        phases=("golden", "statements"),
        known={"171891944@INSTORE": {"firstName": "Asha"}},
    )


def test_a_whole_file_leaves_no_option_out(tmp_path: Path) -> None:
    options = target_of(tmp_path, WHOLE)

    assert [each.name for each in fields(options) if not getattr(options, each.name)] == []


def test_customers_may_be_a_list(tmp_path: Path) -> None:
    options = target_of(tmp_path, "customers: [171891944, 171891945@WECHAT:22232]\n")

    assert options.customers == ("171891944", "171891945@WECHAT:22232")


def test_a_world_may_be_a_file_beside_the_target_s(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text("extends: demo\n", encoding="utf-8")

    assert target_of(tmp_path, "world: ours.yaml\n").world == str(tmp_path / "ours.yaml")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("url: https://x\npassword: c4nary\n", 2),
        ("url: https://x\n\ntoken: c4nary\n", 3),
        ("secret: {a: c4nary}\n", 1),
        ("headers:\n  X-Tenant: eu\n  Authorization: Basic c4nary\n", 3),
        ("headers:\n  X-CAP-API-OAUTH-TOKEN: c4nary\n", 2),
        ("headers:\n  X-Api-Key: c4nary\n", 2),
        ("headers:\n  Cookie: c4nary\n", 2),
        ("headers:\n  X-Tenant: eu\n  X-Auth: Bearer c4nary\n", 3),
        ("auth-env: store123:c4nary\n", 1),
        ("auth-env: token:c4nary\n", 1),
        ("auth-env: oauth:c4nary:c4nary\n", 1),
        ("url: https://till:c4nary@staging.example\n", 1),
        ("customers:\n  171891944@INSTORE:\n    password: c4nary\n", 3),
        ("customers:\n  - id: 171891944\n    password: c4nary\n", 3),
    ],
)
def test_a_secret_is_refused_where_it_stands_and_is_not_repeated(tmp_path: Path, text: str, line: int) -> None:
    said = refusal_of(tmp_path, text)

    assert said.startswith(f"{line}: ")
    assert "auth-env" in said or "environment variable" in said
    assert "c4nary" not in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("url: https://x\nauth-enw: STAGING\n", "2: 'auth-enw' is no member; did you mean auth-env?"),
        ("customer: [1]\n", "1: 'customer' is no member; did you mean customers?"),
        ("allow: writes\n", "1: allow is 'writes'; write a list, such as [writes]"),
        ("allow: [write]\n", "1: 'write' is none; did you mean writes?"),
        ("allow:\n  - writes\n  - everything\n", "3: 'everything' is none; there are irreversible, writes"),
        ("phases: [gold]\n", "1: 'gold' is none; did you mean golden?"),
        ("budget: many\n", "1: budget is 'many'; write a number of requests, 1 or more"),
        ("budget: 0\n", "1: budget is 0; write a number of requests, 1 or more"),
        ("budget: true\n", "1: budget is True; write a number of requests, 1 or more"),
        ("rate: 5\n", "1: rate is 5; write requests per time, such as 5/s or 45/m"),
        ("max-time: 60\n", "1: max-time is 60; write a duration such as 60s, 2m or 500ms"),
        ("url: 7\n", "1: url is 7; write text"),
        ("headers:\n  X-A: [1]\n", "2: X-A is no text; write a mapping from names to texts"),
        ("url: https://x\nurl: https://y\n", "2: is not YAML that can be used: 'url' stands twice; keep one of them"),
        ("", "1: is empty"),
        ("- url\n", "1: holds list, not a mapping"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_the_cure(tmp_path: Path, text: str, said: str) -> None:
    assert refusal_of(tmp_path, text).startswith(said)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_target(tmp_path / "nowhere.yaml")


def test_the_command_line_counts_before_the_file(tmp_path: Path) -> None:
    said = CheckOptions(url="http://other", customers=("1",), allow=("irreversible",), budget=5, rate="1/s")

    joined = said.over(target_of(tmp_path, WHOLE))

    assert (joined.url, joined.customers, joined.allow) == ("http://other", ("1",), ("irreversible",))
    assert (joined.budget, joined.rate) == (5, "1/s")
    assert (joined.auth_env, joined.max_time, joined.phases) == ("STAGING_AUTH", "60s", ("golden", "statements"))


def test_no_environment_variable_grants_a_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALLOW", "MOCKSERVER_ALLOW", "MOCKSERVER_CHECK_ALLOW"):
        monkeypatch.setenv(name, "irreversible")

    assert target_of(tmp_path, "url: https://x\n").allow == ()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60s", 60.0), ("2m", 120.0), ("2min", 120.0), ("1h", 3600.0), ("500ms", 0.5), ("1.5s", 1.5)],
)
def test_a_duration_is_read_in_its_unit(text: str, seconds: float) -> None:
    assert read_seconds(text, "--max-time") == seconds


@pytest.mark.parametrize("text", ["", "60", "0s", "-1s", "60 s", "1d", "s", "60s\n", "٣s", "1e3s", "nan"])
def test_what_is_no_duration_is_refused_by_the_option_s_name(text: str) -> None:
    with pytest.raises(ConfigurationError, match="--max-time is"):
        read_seconds(text, "--max-time")


@pytest.mark.parametrize(("text", "rate"), [("5/s", 5.0), ("45/m", 0.75), ("0.5/s", 0.5), ("3600/h", 1.0)])
def test_a_rate_is_read_in_requests_a_second(text: str, rate: float) -> None:
    assert read_rate(text) == rate


@pytest.mark.parametrize("text", ["", "5", "0/s", "-5/s", "5/d", "/s", "5 / s", "5/s\n"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="--rate is"):
        read_rate(text)


def test_a_header_is_read_without_the_spaces_around_it() -> None:
    assert read_header("X-Tenant:  eu:1 ") == ("X-Tenant", "eu:1")


@pytest.mark.parametrize(
    "text", ["", "X-Tenant", ": eu", "X Tenant: eu", "X-Tenant: a\nX-Other: b", "X-Ünit: 1", "X-Unit: €"]
)
def test_what_is_no_header_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="--header is"):
        read_header(text)


@pytest.mark.parametrize(
    "name", ["Authorization", "x-cap-api-oauth-token", "Cookie", "X-Api-Key", "Proxy-Authorization"]
)
def test_a_header_that_holds_credentials_is_refused_without_its_value(name: str) -> None:
    with pytest.raises(ConfigurationError, match="--auth-env") as refused:
        read_header(f"{name}: c4nary")

    assert "c4nary" not in str(refused.value)


def test_a_header_without_a_colon_is_not_repeated_where_it_holds_credentials() -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_header("Authorization=Basic c4nary")

    assert "c4nary" not in str(refused.value)


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STAGING_AUTH", raising=False)

    with pytest.raises(ConfigurationError, match="STAGING_AUTH is not set"):
        read_secret("STAGING_AUTH")
