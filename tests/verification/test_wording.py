"""Laws of wording: a text knows which of its parts are ours, and forgets it rather than being wrong."""

import copy

import pytest

from mockserver.verification.expectation import held
from mockserver.verification.wording import At, Heard, Wording, joined, own, parts_of, worded


def test_a_wording_is_the_text_that_it_shows() -> None:
    said = worded("{} is {}", At("state/firstName"), held("Asha"))

    assert said == 'state/firstName is "Asha"'
    assert said.parts == (At("state/firstName"), " is ", held("Asha"))


def test_a_text_that_is_put_in_is_of_unknown_origin_and_a_number_is_ours() -> None:
    assert worded("{} of {}: {}", "who", 5, own("ours")).parts == (Heard("who"), " of ", "5", ": ", "ours")


def test_what_is_cut_or_put_into_an_f_string_is_of_unknown_origin() -> None:
    said = own("words of our own")

    for text in (said[2:], f"{said}!", said + "!", said.upper()):
        assert not isinstance(text, Wording)
        assert parts_of(text) == (Heard(text),)


def test_joined_texts_keep_what_they_know() -> None:
    assert joined("; ", [own("a"), "b"]).parts == ("a", "; ", Heard("b"))
    assert joined("; ", []) == ""


def test_a_template_takes_as_many_as_it_has_places() -> None:
    with pytest.raises(ValueError, match="zip"):
        worded("{} is {}", 1)


def test_a_copy_knows_its_parts() -> None:
    said = worded("{} is {}", 1, At("x"))

    assert copy.deepcopy(said).parts == said.parts
