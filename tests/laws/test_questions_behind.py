"""The law of the questions behind a refusal by the contract: they are those that asking under every answer finds."""

import json
from copy import deepcopy
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.contract import Violation
from mockserver.exchange import Setting, respond
from mockserver.exchange.dialects import Dialects
from mockserver.files import World
from mockserver.messages import Request
from mockserver.values import replace
from tests.contract.test_real_contract import ODDITIES, VALID, members_of, spoilt
from tests.exchange.mock import NOW, PAGE_CREDENTIALS

_ALSO = st.sampled_from(["EMail", "whatsapp", "Jürgen", "x" * 101, "2024-07-11T16:36:17 +0530", {"firstName": "Tom"}])
_ADDED = st.dictionaries(st.sampled_from(["associatedWith", "loyaltyType"]), st.none() | st.just("x"), max_size=1)
_BODIES = st.builds(
    lambda changes, added: {**body, **added} if isinstance(body := spoilt(changes), dict) else body,
    st.lists(st.tuples(st.sampled_from(members_of(VALID)), (ODDITIES | _ALSO).map(deepcopy)), max_size=4),
    _ADDED,
)
_QUERIES = st.sampled_from(
    [
        "source=INSTORE",
        "source=JD",
        "",
        "source=FAX",
        "source=INSTORE&source=JD",
        "source=INSTORE&format=json",
        "source=INSTORE&use_async=True",
    ]
)
_CUSTOMERS = st.sampled_from(["171891944", "171891945", "171891949", "1", "0171891944", "x"])
_STRICT = {"null-value": "reject", "unknown-body-member": "reject"}


def ask(customer: str, query: str, body: Any) -> Request:
    headers = {"authorization": PAGE_CREDENTIALS, "content-type": "application/json"}
    return Request(
        method="PUT", path=f"/v2/customers/{customer}", query=query, headers=headers, body=json.dumps(body).encode()
    )


def plain_questions(setting: Setting, dialects: Dialects, request: Request, world: World) -> list[str]:
    """Ask the whole core again under each answer that touches the rule, or that would refuse more."""

    def answer(other: Setting) -> tuple[str, Violation | None]:
        reply = respond(replace(other, dialects=None), request, load=world.customers.get, now=NOW)
        return str(reply.code), reply.violation

    code, violation = answer(setting)
    if violation is None:
        return []
    touching = dialects.answers_touching(setting.dialect, violation.rule, violation.holder)
    stricter = dialects.strictest(setting.dialect)[0] if violation.place.startswith("body") else ()
    deciding = {
        question: None
        for question, other in (*touching, *stricter)
        if answer(setting.under(dialects.with_answers(setting.dialect, (question, other))))[0] != code
    }
    return list(deciding)


def test_the_questions_are_those_that_asking_under_every_answer_finds(
    dialects: Dialects, setting: Setting, demo: World
) -> None:
    strict = setting.under(dialects.with_answers(setting.dialect, *_STRICT.items()))

    @given(st.sampled_from([setting, strict]), st.builds(ask, _CUSTOMERS, _QUERIES, _BODIES))
    @example(setting, ask("171891944", "source=INSTORE", {"profiles": [{"firstName": "Jürgen", "lastName": 5}]}))
    @example(setting, ask("171891944", "source=INSTORE", {"profiles": [{"commChannels": [{"type": "EMail"}]}]}))
    @settings(max_examples=300)
    def law(under: Setting, request: Request) -> None:
        reply = respond(under, request, load=demo.customers.get, now=NOW)
        named = [name for name in reply.basis.replace("; ", " ").split() if name in dialects.questions]

        if reply.violation is not None:
            assert sorted(named) == sorted(plain_questions(under, dialects, request, demo))

    law()
