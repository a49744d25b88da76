"""Flaws in the form of answers: status, envelope, members, content type."""

import json
from collections.abc import Callable
from typing import Any

from mockserver.messages import Response
from mockserver.values import replace
from tests.flawed.asking import ASHA, UNKNOWN, channel, get, profile, put
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import answered, is_refusal, is_update, showing

_REFUSALS = ("UPD-ERR-1", "UPD-ERR-2", "UPD-ERR-3", "UPD-EX-11", "error-envelope")
_UNKNOWN = (put(UNKNOWN, {}),)
_NOTHING = (put(ASHA, {}),)
_BAD_EMAIL = (put(ASHA, channel("email", "no address")), get(ASHA))
_PAGE = b"<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>"


def _each_error(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda body: {**body, "errors": [change(error) for error in body["errors"]]}


def _renamed(item: Any, before: str, after: str) -> Any:
    return {after if name == before else name: value for name, value in item.items()}


def _as_html(response: Response) -> Response:
    return replace(response, headers={**response.headers, "Content-Type": "text/html"}, body=_PAGE)


def _as_text_html(response: Response) -> Response:
    return replace(response, headers={**response.headers, "Content-Type": "text/html;charset=UTF-8"})


def _in_latin_1(response: Response) -> Response:
    text = json.dumps(json.loads(response.body), ensure_ascii=False)
    return replace(response, body=text.encode("latin-1", "replace"))


FLAWS_OF_ANSWERS = (
    Flaw(
        name="error-for-errors",
        says="Refusals have the member error in place of errors.",
        names=_REFUSALS,
        needs="reads",
        make=deployed(showing(is_refusal, lambda body: {"error": body["errors"]})),
        shown_by=_UNKNOWN,
    ),
    Flaw(
        name="bare-error",
        says="Refusals are the error itself, without the envelope.",
        names=_REFUSALS,
        needs="reads",
        make=deployed(showing(is_refusal, lambda body: body["errors"][0])),
        shown_by=_UNKNOWN,
    ),
    Flaw(
        name="msg-for-message",
        says="Errors have the member msg in place of message.",
        names=_REFUSALS,
        needs="reads",
        make=deployed(showing(is_refusal, _each_error(lambda error: _renamed(error, "message", "msg")))),
        shown_by=_UNKNOWN,
    ),
    Flaw(
        name="code-as-text",
        says="Errors have their code as text.",
        names=_REFUSALS,
        needs="reads",
        make=deployed(showing(is_refusal, _each_error(lambda error: {**error, "code": str(error["code"])}))),
        shown_by=_UNKNOWN,
    ),
    Flaw(
        name="errors-with-status-true",
        says="Errors have the status true.",
        names=_REFUSALS,
        needs="reads",
        make=deployed(showing(is_refusal, _each_error(lambda error: {**error, "status": True}))),
        shown_by=_UNKNOWN,
    ),
    Flaw(
        name="refusals-as-html",
        says="Refusals are pages of HTML.",
        names=_REFUSALS,
        needs="reads",
        make=deployed(answered(is_refusal, _as_html)),
        shown_by=_UNKNOWN,
    ),
    Flaw(
        name="json-as-html",
        says="Answers to updates are JSON with the content type of HTML.",
        names=("UPD-EX-3", "UPD-RSP-1", "UPD-USE-1", "UPD-ERR-1", "UPD-ERR-2", "UPD-EX-11", "error-envelope"),
        needs="writes",
        make=deployed(answered(lambda reply: reply.operation == "updateCustomer", _as_text_html)),
        shown_by=_NOTHING,
    ),
    Flaw(
        name="answers-in-latin-1",
        says="Answers are sent in Latin-1, which JSON is not.",
        names=("UPD-PRE-1", "UPD-BODY-2", "UPD-BODY-3", "UPD-USE-2", "UPD-EX-3", "name-characters"),
        needs="reads",
        make=deployed(answered(lambda reply: bool(reply.response.body), _in_latin_1)),
        shown_by=(put(ASHA, profile(firstName="Zoë")), get(ASHA)),
    ),
    Flaw(
        name="created-id-of-another",
        says="createdId is not the id of the customer who was updated.",
        names=("UPD-RSP-1",),
        needs="writes",
        make=deployed(showing(is_update, lambda body: {**body, "createdId": body["createdId"] + 1})),
        shown_by=_NOTHING,
    ),
    Flaw(
        name="created-id-left-out",
        says="The answer to an update has no createdId.",
        names=("UPD-RSP-1",),
        needs="writes",
        make=deployed(showing(is_update, lambda body: {name: body[name] for name in body if name != "createdId"})),
        shown_by=_NOTHING,
    ),
    Flaw(
        name="created-id-renamed",
        says="The answer to an update has the member id in place of createdId.",
        names=("UPD-RSP-1",),
        needs="writes",
        make=deployed(showing(is_update, lambda body: _renamed(body, "createdId", "id"))),
        shown_by=_NOTHING,
    ),
    Flaw(
        name="warnings-left-out",
        says="The answer to an update has no warnings.",
        names=("UPD-RSP-2",),
        needs="writes",
        make=deployed(showing(is_update, lambda body: {name: body[name] for name in body if name != "warnings"})),
        shown_by=_NOTHING,
    ),
    Flaw(
        name="warnings-as-texts",
        says="Warnings are texts, without a code.",
        names=("UPD-RSP-2", "UPD-RSP-9", "warnings-type"),
        needs="writes",
        make=deployed(
            showing(is_update, lambda body: {**body, "warnings": [each["message"] for each in body["warnings"]]})
        ),
        shown_by=_BAD_EMAIL,
    ),
    Flaw(
        name="answer-in-a-list",
        says="The answer to an update is a list with one item.",
        names=("UPD-RSP-1", "UPD-RES-5", "UPD-RSP-2"),
        needs="writes",
        make=deployed(showing(is_update, lambda body: [body])),
        shown_by=_NOTHING,
    ),
    Flaw(
        name="no-content",
        says="An update is answered 204, without a body.",
        names=("UPD-RSP-1", "UPD-RSP-2", "UPD-RSP-3", "UPD-EX-11"),
        needs="writes",
        make=deployed(answered(is_update, lambda _: Response(status=204))),
        shown_by=_NOTHING,
    ),
    Flaw(
        name="created",
        says="An update is answered 201, as if something was created.",
        names=("UPD-RSP-1", "UPD-USE-1", "UPD-EX-11", "UPD-RES-2"),
        needs="writes",
        make=deployed(answered(is_update, lambda response: replace(response, status=201))),
        shown_by=_NOTHING,
    ),
)
