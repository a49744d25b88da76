"""Laws of e-mail addresses: what is refused at a glance, the library would refuse, too; it is not imported for that."""

import subprocess
import sys

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.domain.channels import is_valid_channel

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


def test_the_pages_own_address_is_judged_without_the_library() -> None:
    said = subprocess.run([sys.executable, "-c", _ASKED], capture_output=True, text=True, timeout=60, check=True).stdout

    assert said.split() == ["False", "False"]
