"""Laws of masking: what was learnt survives nowhere, what is spared survives, secrets survive in no form."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import quote, quote_plus, unquote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mockserver.files import read_contract_document
from mockserver.messages import Request
from mockserver.verification.expectation import Expectation, shown
from mockserver.verification.findings import Finding, Grade, Step
from mockserver.verification.masking import Masker
from mockserver.verification.spellings import vocabulary

KEY = b"one run"
PSEUDONYMS = "masked-mobile-@example.invalid [hidden] 0123456789abcdef"
TEXTS = st.text(min_size=1, max_size=12).map(str.strip).filter(lambda text: len(text) > 3)
NAMES = st.one_of(TEXTS, st.sampled_from(["Tom", "O'Neil", 'a "b"', "Zoë", "王伟", "\ud800\udc00", "a\\u0062", "100%"]))
MAILS = st.from_regex(r"[a-z][a-z0-9.+_-]{0,8}@[a-z]{1,6}\.(com|example)", fullmatch=True)
MOBILES = st.from_regex(r"\+?[1-9][0-9]{3,14}", fullmatch=True)
PERSONAL = st.one_of(NAMES, MAILS, MOBILES)


def is_ours(text: str) -> bool:
    """Tell whether a text may stand in a pseudonym, or in what surrounds the values in these tests."""
    surroundings = json.dumps([PSEUDONYMS, "/state/firstName: promised, came nothing... source=INSTORE&q= {x-text:}"])
    return text.lower() in surroundings.lower() or text.isdigit()


def a_finding(value: str) -> Finding:
    """Return a finding that shows a value wherever one can be."""
    request = Request(
        method="PUT",
        path=f"/v2/customers/{quote(value.encode(errors='surrogatepass'), safe='')}",
        query=f"source=INSTORE&q={quote_plus(value.encode(errors='surrogatepass'))}",
        headers={"x-text": value, "authorization": "Basic dGVzdA==", "x-cap-api-oauth-token": "t0ken"},
        body=json.dumps({"profiles": [{"firstName": value, value: [1, None]}]}).encode(),
    )
    step = Step(request=request, expect=Expectation(body={"value": {"$one_of": [value]}}, changes=_changed(value)))
    promised, came = f"state/firstName: promised {shown(value)}", f"came {value} {shown([value])}"
    return Finding(grade=Grade.BROKEN, check="x", phase="model", promised=promised, came=came, steps=(step,))


def _changed(value: str) -> dict[str, str]:
    return {f"profiles/INSTORE/commChannels/mobile:{value}/primary": value}


def texts_of(finding: Finding) -> str:
    """Return all that a finding shows, undone from JSON and percent-encoding, as one text."""
    (step,) = finding.steps
    request, expect = step.request, step.expect
    shown_values = [json.loads(request.body), expect.body, dict(expect.changes or {})]
    parts = [finding.promised, finding.came, request.path, unquote(request.path), request.query]
    parts += [unquote(request.query), *request.headers.values(), *_leaves(shown_values)]
    return "\0".join(parts)


def _leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for one in pair for text in _leaves(one)]
    if isinstance(value, list):
        return [text for one in value for text in _leaves(one)]
    return [value] if isinstance(value, str) else []


@given(PERSONAL)
@example("12345")
@example("+4915")
def test_nothing_learnt_survives(value: str) -> None:
    assume(not is_ours(value) or value.isdigit())
    masker = Masker(KEY, ())
    masker.learn(value)

    masked = masker.finding(a_finding(value))

    assert value not in texts_of(masked)


@pytest.mark.parametrize(
    "address", ["tom@example.com", "tom.o'neil+x@mail.example.co.uk", "+919876543210", "4915112345678"]
)
def test_addresses_and_long_numbers_go_although_nobody_learnt_them(address: str) -> None:
    masked = Masker(KEY, ()).finding(a_finding(address))

    assert address.lstrip("+") not in texts_of(masked)


@given(PERSONAL, st.text(max_size=8))
def test_equal_values_stay_equal_and_none_can_be_told(value: str, other: str) -> None:
    assume(not is_ours(value))
    masker, another_run = Masker(KEY, ()), Masker(b"another run", ())
    for one in (masker, another_run):
        one.learn(value)

    assert masker.value(value) == masker.value([value, other])[0] == masker.value({"a": value})["a"]
    assert masker.value(value) in masker.text(f"came {value}!")
    assert masker.value(value) != another_run.value(value)


@given(st.one_of(MAILS, MOBILES, st.from_regex(r"[a-zA-Z ]{1,12}", fullmatch=True)), PERSONAL)
def test_what_is_spared_survives(spared: str, learnt: str) -> None:
    assume(not is_ours(learnt) and learnt not in spared)
    masker = Masker(KEY, (), spared=[spared])
    masker.learn(spared)
    masker.learn(learnt)

    assert masker.value({"value": [spared]}) == {"value": [spared]}
    assert spared in masker.text(f"value: promised nothing, came {shown(spared)}")


def test_what_is_spared_shelters_nothing_around_it() -> None:
    masker = Masker(KEY, (), spared=["1", "tom", "171891944"])
    masker.learn("15551234")

    assert masker.text("15551234 tom@mail.example 171891944").split()[2] == "171891944"
    assert "15551234" not in masker.text("15551234")
    assert "tom" not in masker.text("tom@mail.example")


def forms_of(secret: str) -> list[str]:
    digest = hashlib.md5(secret.encode(), usedforsecurity=False).hexdigest()
    basic = base64.b64encode(f"till:{digest}".encode()).decode()
    plain = base64.b64encode(f"till.001:{secret}".encode()).decode()
    return [secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret), digest, basic, plain]


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=6, max_size=20))
@example("s3cret/+&pass word")
@example('qu"ote\\s')
def test_secrets_survive_in_no_form(secret: str) -> None:
    assume(not is_ours(secret))
    for masker in (Masker(KEY, [secret], spared=[secret]), Masker(KEY, [secret], keeps_personal=True)):
        for form in forms_of(secret):
            assert form not in masker.text(f"came {form} and {form}")
            assert form not in json.dumps(masker.value({"x": form, form: 1}), ensure_ascii=False)
        assert secret not in texts_of(masker.finding(a_finding(secret)))


def test_a_base64_form_is_gone_but_for_what_it_shares_with_others() -> None:
    masker = Masker(KEY, ["correct horse"])

    masked = masker.text(f"Basic {base64.b64encode(b'till:correct horse').decode()}")

    assert b"orrect hors" not in base64.b64decode(masked.split()[1].replace("[hidden]", "AAAA") + "====")


@given(st.lists(PERSONAL, max_size=3), st.text(max_size=30), PERSONAL)
@example(["!!!!"], "a@x!!!!.com", "tom@x.example")
def test_masking_twice_is_masking_once(learnt: list[str], text: str, value: str) -> None:
    masker = Masker(KEY, ["s3cret!"])
    for one in learnt:
        masker.learn(one)

    once = masker.text(text + value)

    assert masker.text(once) == once
    finding = masker.finding(a_finding(value))
    assert masker.finding(finding) == finding


def test_with_personal_data_kept_only_secrets_go() -> None:
    masker = Masker(KEY, ["s3cret!"], keeps_personal=True)
    masker.learn("Tom")

    assert masker.text("Tom tom@mail.example +919876543210 s3cret!") == "Tom tom@mail.example +919876543210 [hidden]"


def test_a_request_loses_the_headers_that_hold_credentials() -> None:
    (step,) = Masker(KEY, ()).finding(a_finding("x")).steps

    assert step.request.headers.keys() == {"x-text"}


def test_a_pseudonym_keeps_the_kind_of_what_it_stands_for() -> None:
    masker = Masker(KEY, ())
    masker.learn("Tom")

    assert masker.text("tom@mail.example").endswith("@example.invalid")
    assert masker.text("+919876543210").startswith("masked-mobile-")
    assert masker.text("Tom").startswith("masked-")


def test_a_masked_body_is_json_still_and_keeps_its_form() -> None:
    masker = Masker(KEY, ())
    masker.learn("Tom")
    body = b'{"firstName" : "Tom","firstName":"\\u0054om", "mobile": 919876543210, "points": 25.0 }'

    masked = masker.request(Request(method="PUT", path="/", body=body)).body.decode()

    name, mobile = masker.text("Tom"), masker.text("919876543210")
    assert masked == f'{{"firstName" : "{name}","firstName":"{name}", "mobile": "{mobile}", "points": 25.0 }}'


def test_a_body_without_anything_personal_is_the_same_to_the_byte() -> None:
    body = b'{"a": "\\u0041\xff\x00 \\ud800", 1.50: tru'

    assert Masker(KEY, ["s3cret!"]).request(Request(method="PUT", path="/", body=body)).body == body


def test_codes_dates_and_ordinary_words_stay() -> None:
    text = "promised 8015 and 2026-01-01T00:00:00.1234567Z with 25.0 points, status 400; came 91006"
    masker = Masker(KEY, ())
    masker.learn("A")
    masker.learn("80")

    assert masker.text(text) == text
    assert masker.value({"city": "A"}) != {"city": "A"}


def test_a_text_that_a_message_cut_short_is_masked_too() -> None:
    masker = Masker(KEY, ())
    masker.learn("Alexandrina")

    assert "Alexan" not in masker.text('came {"firstName": "Alexan...')


def test_a_value_that_came_back_in_other_letters_is_masked_as_another() -> None:
    masker = Masker(KEY, ())
    masker.learn("Zoë")

    assert len({masker.text("Zoë"), masker.text("ZOË")}) == 2
    assert "ZO" not in masker.text("came ZOË, Zoe\u0308")


def test_the_words_of_the_contract_can_be_spared() -> None:
    words = vocabulary(read_contract_document())
    masker = Masker(KEY, (), spared=words)
    for word in ("INSTORE", "firstName", "email", "true"):
        masker.learn(word)

    assert masker.text("profiles/INSTORE/firstName: email, true") == "profiles/INSTORE/firstName: email, true"
