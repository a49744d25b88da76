"""Laws of what stands before the commands of a finding: credentials are made by it, and each mask is explained."""

import os
import subprocess
from pathlib import Path

import pytest

from mockserver.messages import Request, Response
from mockserver.values import replace
from mockserver.verification.credentials import Credentials, read_credentials
from mockserver.verification.expectation import Expectation
from mockserver.verification.findings import Finding, Grade, Step
from mockserver.verification.masking import Masker
from tests.checking_by_command import Watched
from tests.flawed.asking import ASHA
from tests.flawed.serving import serve
from tests.reporting.campaigns import a_view

VARIABLE = "STAGING_AUTH"


class _Never:
    """Carries nothing: these credentials are there already."""

    def carry(self, request: Request, *, fresh: bool = False) -> Response:  # noqa: ARG002  # one is like the other
        raise AssertionError(request)


def _made_by(credentials: Credentials, secret: str, name: str) -> str:
    """Return what the line of shell makes, in a shell that knows the variable."""
    done = subprocess.run(
        ["sh", "-c", f'{credentials.recipe}\nprintf %s "${name}"'],
        env={**os.environ, VARIABLE: secret},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("secret", ["store123:Pass123", "till:a b:$c'd\"`e", "t:ü", f"{'t' * 60}:{'p' * 90}"])
def test_the_line_of_shell_makes_the_credentials_that_were_sent(secret: str) -> None:
    credentials = read_credentials(secret, VARIABLE)

    made = _made_by(credentials, secret, "AUTHORIZATION")

    assert made == credentials.headers(_Never(), 0.0)["Authorization"]


def test_a_token_goes_into_its_own_header() -> None:
    credentials = read_credentials("token:a-b.c", VARIABLE)

    assert _made_by(credentials, "token:a-b.c", "X_CAP_API_OAUTH_TOKEN") == "a-b.c"
    [command] = a_view(token_header="X-CAP-API-OAUTH-TOKEN").commands(_finding())
    assert '"X-CAP-API-OAUTH-TOKEN: $X_CAP_API_OAUTH_TOKEN"' in command
    assert "Authorization" not in command


@pytest.mark.parametrize("secret", ["store123:Pass123", "token:s3cr3t-t0ken", "oauth:my-key:my-secret"])
def test_no_secret_stands_in_the_line_of_shell(secret: str) -> None:
    credentials = read_credentials(secret, VARIABLE)

    assert VARIABLE in credentials.recipe
    assert not any(one in credentials.recipe for one in credentials.secrets)


def _finding(body: bytes = b"") -> Finding:
    headers = {"content-type": "application/json"} if body else {}
    method = "PUT" if body else "GET"
    request = Request(method=method, path=f"/v2/customers/{ASHA}", query="source=INSTORE", headers=headers, body=body)
    step = Step(request=request, expect=Expectation(status=200))
    return Finding(grade=Grade.BROKEN, check="c", phase="p", promised="this", came="that", steps=(step,))


def test_each_mask_is_explained_where_its_value_was_read() -> None:
    masker = Masker(b"key", (), (str(ASHA),))
    masker.learn("Asha", f"what customer {ASHA} holds at profiles/INSTORE/firstName")
    finding = masker.finding(_finding(b'{"profiles": [{"firstName": "Asha"}]}'))

    [credentials, filling] = a_view(recipe="export AUTHORIZATION=x", fillings=masker.fillings).preparation(finding)

    assert credentials == "export AUTHORIZATION=x"
    assert filling.startswith("# in the place of masked-")
    assert filling.endswith(f"put what customer {ASHA} holds at profiles/INSTORE/firstName")
    assert "Asha" not in filling


def test_without_masks_and_credentials_nothing_goes_before() -> None:
    step = replace(_finding().steps[0], anonymous=True)

    assert a_view(recipe="export AUTHORIZATION=x").preparation(replace(_finding(), steps=(step,))) == ()


def test_what_goes_with_every_request_is_in_the_commands() -> None:
    [command] = a_view(headers={"X-Tenant": "eu"}, options="--cacert 'my ca.pem'").commands(_finding())

    assert command.startswith("curl -i --cacert 'my ca.pem' ")
    assert "'X-Tenant: eu'" in command


def test_the_printed_lines_send_the_same_request_again(tmp_path: Path) -> None:
    deployment = Watched()
    credentials = read_credentials("store123:Pass123", VARIABLE)
    body = '{"profiles": [{"firstName": "Ærø\'s"}]}'.encode()
    with serve(deployment) as url:
        view = replace(a_view(recipe=credentials.recipe, headers={"X-Tenant": "eu"}), base_url=url)
        finding = _finding(body)
        script = "\n".join((*view.preparation(finding), *view.commands(finding)))
        done = subprocess.run(
            ["sh", "-c", script],
            env={**os.environ, VARIABLE: "store123:Pass123"},
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
        )

    assert done.stdout.startswith("HTTP/1.1 200")
    assert [request.body for request in deployment.asked] == [body]
    assert deployment.asked[0].headers["x-tenant"] == "eu"
