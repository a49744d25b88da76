"""Laws of wrong credentials: each kind is wrong, and a sound deployment takes none of them."""

import base64
import binascii

import pytest

from mockserver.messages import Request, Response
from mockserver.verification.credentials import Credentials, read_credentials
from mockserver.verification.wrong_credentials import LOCKING, TOKEN_HEADER, WRONG
from tests.flawed.asking import AUTHORIZATION, PASSWORD, RAVI, TILL
from tests.flawed.deployment import Deployment

_RIGHT = read_credentials(f"{TILL}:{PASSWORD}", "TEST")
_TOKEN = read_credentials("token:demo-token", "TEST")


class _Nowhere:
    """Carries nothing: none of these credentials is fetched."""

    def carry(self, request: Request, *, fresh: bool = False) -> Response:
        """Refuse to be asked."""
        raise AssertionError(request, fresh)


def headers_of(credentials: Credentials) -> dict[str, str]:
    return dict(credentials.headers(_Nowhere(), 0.0))


def status_with(headers: dict[str, str]) -> int:
    lower = {name.lower(): value for name, value in headers.items()}
    asked = Request(method="GET", path=f"/v2/customers/{RAVI}", query="source=INSTORE", headers=lower)
    return Deployment().handle(asked).status


def test_the_right_ones_get_in() -> None:
    assert headers_of(_RIGHT) == {"Authorization": AUTHORIZATION}
    assert [status_with(headers_of(one)) for one in (_RIGHT, _TOKEN)] == [200, 200]


@pytest.mark.parametrize("kind", WRONG)
def test_no_wrong_pair_gets_in(kind: str) -> None:
    assert status_with(headers_of(_RIGHT.wrong(kind))) == 401


@pytest.mark.parametrize("kind", _TOKEN.wrong_kinds)
def test_no_wrong_token_gets_in(kind: str) -> None:
    wrong = headers_of(_TOKEN.wrong(kind))

    assert wrong.keys() == {TOKEN_HEADER}
    assert status_with(wrong) == 401


def test_kinds_that_may_lock_a_till_are_those_that_name_it() -> None:
    """Behind another scheme the right value stands, which is no wrong password."""
    named = {kind for kind in WRONG if TILL in _said(_RIGHT.wrong(kind))}

    assert named - {"scheme", "digest", "bare"} == set(LOCKING)


def _said(credentials: Credentials) -> str:
    value = headers_of(credentials).get("Authorization", "").rpartition(" ")[2]
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):  # it says nothing
        return ""
