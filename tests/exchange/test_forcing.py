"""Forced answers: asked for by name, always labelled, never sticky."""

import pytest

from mockserver.contract import Contract
from mockserver.exchange import Setting
from mockserver.files import World
from tests.exchange.mock import a_mock, body_of, codes_of

_TOM = 171891944


def test_every_named_example_can_be_asked_for_and_keeps_the_contract(setting: Setting, demo: World) -> None:
    mock = a_mock(setting, demo)

    for name, (status, value) in setting.contract.catalogue.examples["updateCustomer"].items():
        reply = mock.put(_TOM, {"profiles": [{"firstName": "Tom"}]}, headers={"prefer": f"example={name}"})

        assert (reply.response.status, reply.forced, reply.basis) == (status, True, f"forced {name}")
        assert body_of(reply) in (value, {**value, "createdId": _TOM})
        assert setting.contract.operations["updateCustomer"].judge_response(status, body_of(reply)) == ()
        assert reply.response.headers["X-Mock-Basis"].startswith("forced ")
    assert mock.customers == dict(demo.customers)


def test_every_code_of_an_operation_can_be_asked_for(setting: Setting, demo: World, contract: Contract) -> None:
    mock = a_mock(setting, demo)

    for entry in contract.catalogue.entries:
        if "updateCustomer" in entry.operations:
            reply = mock.put(_TOM, headers={"prefer": f"code={entry.code}"})

            assert reply.forced
            assert (*(item["code"] for item in body_of(reply).get("errors", [])), *_warned(body_of(reply))) == (
                entry.code,
            )


def _warned(body: dict[str, list[dict[str, int]]]) -> tuple[int, ...]:
    return tuple(item["code"] for item in body.get("warnings", []))


@pytest.mark.parametrize("code", [8057, 8058])
def test_a_code_published_both_ways_is_answered_as_the_mock_itself_would(
    setting: Setting, demo: World, code: int
) -> None:
    reply = a_mock(setting, demo).put(_TOM, headers={"prefer": f"code={code}"})

    assert (reply.response.status, codes_of(reply)) == (200, (code,))


@pytest.mark.parametrize(("name", "status"), [("8057-error", 400), ("8057-warning", 200)])
def test_a_code_published_both_ways_can_be_asked_for_by_name(
    setting: Setting, demo: World, name: str, status: int
) -> None:
    assert a_mock(setting, demo).put(_TOM, headers={"prefer": f"example={name}"}).response.status == status


@pytest.mark.parametrize(("code", "header"), [(401, "WWW-Authenticate"), (429, "Retry-After"), (405, "Allow")])
def test_a_forced_refusal_keeps_the_headers_of_its_status(
    setting: Setting, demo: World, code: int, header: str
) -> None:
    assert a_mock(setting, demo).put(_TOM, headers={"prefer": f"code={code}"}).response.headers[header]


@pytest.mark.parametrize(("prefer", "near"), [("code=8019", "8018"), ("example=8057", "8057-"), ("code=", "nearest")])
def test_an_unknown_name_is_refused_with_the_nearest(setting: Setting, demo: World, prefer: str, near: str) -> None:
    reply = a_mock(setting, demo).put(_TOM, headers={"prefer": prefer})

    assert (reply.response.status, reply.code, reply.forced) == (400, 400, False)
    assert reply.why.startswith("header/Prefer: ")
    assert near in reply.why


def test_preferences_of_others_force_nothing(setting: Setting, demo: World) -> None:
    assert not a_mock(setting, demo).put(_TOM, headers={"prefer": "respond-async, wait=10"}).forced


def test_a_forced_answer_is_not_sticky(setting: Setting, demo: World) -> None:
    mock = a_mock(setting, demo)
    mock.put(_TOM, headers={"prefer": "code=500"})

    assert mock.put(_TOM).response.status == 200


@pytest.mark.parametrize(
    ("customer", "status", "code"), [(900008015, 400, 8015), (900000429, 429, 429), (900003217, 400, 3217)]
)
def test_an_id_can_ask_for_a_refusal(setting: Setting, demo: World, customer: int, status: int, code: int) -> None:
    reply = a_mock(setting, demo).put(customer)

    assert (reply.response.status, reply.code, reply.forced) == (status, code, True)


def test_an_id_can_ask_for_a_warning_and_is_answered_as_that_customer(setting: Setting, demo: World) -> None:
    reply = a_mock(setting, demo).put(900008057)

    assert (reply.response.status, codes_of(reply), body_of(reply)["createdId"]) == (200, (8057,), 900008057)


@pytest.mark.parametrize("customer", ["999999999", "900000000", "900000001", "0900008018", "90008018"])
def test_an_id_whose_code_is_not_in_the_catalogue_is_an_ordinary_one(
    setting: Setting, demo: World, customer: str
) -> None:
    reply = a_mock(setting, demo).put(customer)

    assert (reply.code, reply.forced) == (8015, False)


def test_an_id_asks_reads_for_their_own_codes_only(setting: Setting, demo: World) -> None:
    mock = a_mock(setting, demo)

    assert mock.get(900008016).forced
    assert not mock.get(900008018).forced
