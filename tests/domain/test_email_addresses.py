"""Laws of e-mail addresses: what is judged at a glance, the library judges so, too; it is not imported for that."""

import subprocess
import sys

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.domain.channels import PLAIN_ADDRESS, is_valid_channel

_ASKED = """
import sys
from mockserver.domain.channels import is_valid_channel
print(is_valid_channel("email", "[email protected]"), "email_validator" in sys.modules)
"""


@given(st.text(st.characters(exclude_characters="@"), max_size=60))
@example("[email protected]")
@example("Tom <tom.example.com>")
@example('"tom"')
@example("tom＠example.com")  # the full-width sign
def test_the_library_refuses_what_has_no_at_sign(value: str) -> None:
    with pytest.raises(EmailNotValidError):
        validate_email(value, check_deliverability=False, test_environment=True)

    assert not is_valid_channel("email", value)


@given(st.from_regex(PLAIN_ADDRESS, fullmatch=True))
@example("a@1.in")
@example("tom.sawyer_1-2@mail.example.com")
@example(f"{'l' * 20}.{'m' * 20}.{'n' * 20}@{'a' * 40}.{'b' * 40}.com")
def test_the_library_takes_what_is_plainly_an_address(value: str) -> None:
    validate_email(value, check_deliverability=False, test_environment=True)

    assert is_valid_channel("email", value)


@given(st.one_of(st.emails(), st.from_regex(r"[a-zA-Z0-9._@ -]{1,30}", fullmatch=True)))
@example("tom@localhost")
@example("tom..sawyer@example.com")
@example("tom@example.com\n")
@example("x" * 70 + "@example.com")
@example("x@" + "y" * 400 + ".com")
@example("\u0661@example.com")
def test_every_verdict_is_the_librarys(value: str) -> None:
    try:
        validate_email(value, check_deliverability=False, test_environment=True)
        expected = True
    except EmailNotValidError:
        expected = False

    assert is_valid_channel("email", value) == expected


def test_the_pages_own_address_is_judged_without_the_library() -> None:
    said = subprocess.run([sys.executable, "-c", _ASKED], capture_output=True, text=True, timeout=60, check=True).stdout

    assert said.split() == ["False", "False"]
