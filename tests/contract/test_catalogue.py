"""Laws of the catalogue."""

import pytest

from mockserver.contract import compile_contract
from mockserver.errors import ContractError
from tests.contract.documents import a_document, a_warning, an_error

CATALOGUE = compile_contract(a_document()).catalogue


def test_entries_stand_in_the_order_of_the_contract_and_words_are_no_entries() -> None:
    names = [entry.name for entry in CATALOGUE.entries]

    assert names == ["400", "401", "404", "8003", "8010", "8015", "8057-error", "8057-warning", "8065", "8106"]


def test_an_entry_says_what_it_rests_on_and_where_it_is_published() -> None:
    entry = CATALOGUE.refusal("8015")

    assert (entry.code, entry.status, entry.message) == (8015, 400, "Customer not found")
    assert entry.basis == ("documented", "UPD-ERR-1")
    assert entry.operations == {"updateCustomer", "getCustomer"}


def test_request_level_refusals_have_their_own_status() -> None:
    assert [CATALOGUE.refusal(code).status for code in (400, 401, 404, 8003)] == [400, 401, 404, 400]


def test_a_code_published_both_ways_has_two_entries() -> None:
    assert CATALOGUE.refusal(8057).name == "8057-error"
    assert CATALOGUE.warning(8057).name == "8057-warning"
    assert CATALOGUE.warning(8057).status == 200
    asked = CATALOGUE.asked_code("8057", "updateCustomer")
    assert asked is not None
    assert asked.name == "8057-warning"


@pytest.mark.parametrize(
    ("code", "operation"),
    [
        ("8057", "getCustomer"),
        ("9999", "updateCustomer"),
        ("08057", "updateCustomer"),
        ("x", "getCustomer"),
        ("٨٠١٥", "getCustomer"),
    ],
)
def test_a_code_is_given_only_by_operations_that_publish_it(code: str, operation: str) -> None:
    assert CATALOGUE.asked_code(code, operation) is None


def test_any_named_example_of_an_operation_can_be_asked_for() -> None:
    assert CATALOGUE.asked_example("updated", "updateCustomer") == (200, {"createdId": 5, "warnings": []})
    assert CATALOGUE.asked_example("8015", "getCustomer") is not None
    assert CATALOGUE.asked_example("updated", "getCustomer") is None


def test_the_nearest_names_are_named_at_most_five() -> None:
    assert CATALOGUE.nearest("8016", "getCustomer")[0] == "8015"
    assert CATALOGUE.nearest("updatd", "updateCustomer") == ("updated",)
    assert CATALOGUE.nearest("9999", "getCustomer") == ("8065", "8015")
    assert len(CATALOGUE.nearest("zzz", "updateCustomer")) == 5


def test_a_template_is_filled_and_only_with_words() -> None:
    entry = CATALOGUE.refusal(8010)

    assert entry.filled("{fax}") == "Invalid channel {fax}"
    assert entry.filled() == "Invalid channel"
    assert CATALOGUE.refusal(8015).filled("x") == "Customer not found"


def test_an_entry_may_say_why_it_is_never_earned() -> None:
    document = a_document()
    document["components"]["examples"]["8999"] = an_error(8999, "x", **{"x-unearned": "It has no cause here."})

    assert compile_contract(document).catalogue.refusal(8999).unearned == "It has no cause here."
    assert CATALOGUE.refusal(8015).unearned == ""


@pytest.mark.parametrize(
    ("name", "example", "message"),
    [
        ("8999", an_error(8998, "x"), "8999 says code 8998"),
        ("8999-warning", an_error(8999, "x"), "says code 8999"),
        ("8999", an_error(8999, "x") | {"x-basis": "rumour"}, "x-basis is 'rumour'"),
        ("8999", an_error(8999, "x", **{"x-message": "no blank"}), "x-message"),
        ("8999", an_error(8999, "x", sumary="x"), "sumary"),
        ("8999", {"value": {}}, "neither errors nor warnings"),
        ("8999", a_warning(8999, "x") | {"value": {"warnings": [{"code": "8999"}]}}, "integer code"),
    ],
)
def test_an_entry_that_does_not_say_what_its_name_promises_is_refused(name: str, example: object, message: str) -> None:
    document = a_document()
    document["components"]["examples"][name] = example

    with pytest.raises(ContractError, match=message):
        compile_contract(document)
