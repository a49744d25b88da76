"""Forced answers: asked for by name instead of earned, always labelled, never sticky.

A client asks with `Prefer: code=8018` or `Prefer: example=NAME`, or, where it cannot set headers, with the
customer id `900000000 + code`.
"""

from collections.abc import Mapping

from mockserver.contract import MethodUnknown
from mockserver.domain.outcome import Basis, BasisItem, Refusal
from mockserver.exchange.negotiation import read_preferences
from mockserver.exchange.passage import Passage
from mockserver.exchange.rendering import render_json, render_refusal, required_headers, status_of
from mockserver.exchange.reply import FORCED, Reply, Setting
from mockserver.exchange.shaping import shape
from mockserver.operations.operation import read_id

_MAGIC = 900_000_000
_CATALOGUE = "/components/examples"


def force(passage: Passage) -> Reply | None:
    """Return the forced answer that a request asks for, or None where it asks for none."""
    prefer = passage.request.headers.get("prefer")
    if prefer is not None:
        preferences = read_preferences(prefer)
        if "code" in preferences:
            return _force_code(passage, preferences["code"])
        if "example" in preferences:
            return _force_example(passage, preferences["example"])
    return _force_by_id(passage)


def _force_by_id(passage: Passage) -> Reply | None:
    path_id = passage.path_id
    if len(path_id) != 9 or not path_id.startswith("9") or not (path_id.isascii() and path_id.isdigit()):
        return None
    entry = passage.setting.contract.catalogue.asked_code(str(int(path_id) - _MAGIC), passage.operation.id)
    return None if entry is None else _force_example(passage, entry.name)


def _force_code(passage: Passage, code: str) -> Reply:
    entry = passage.setting.contract.catalogue.asked_code(code, passage.operation.id)
    if entry is None:
        return _refuse_unknown(passage, "code", code)
    return _force_example(passage, entry.name)


def _force_example(passage: Passage, name: str) -> Reply:
    setting, operation = passage.setting, passage.operation
    found = setting.contract.catalogue.asked_example(name, operation.id)
    if found is None:
        return _refuse_unknown(passage, "example", name)
    status, value = found
    code = _code_of(value)
    if code is not None:
        status = status_of(setting.contract.catalogue.refusal(code), setting.dialect)
    item, why = BasisItem(FORCED, name), f"forced: the answer {name} was asked for"
    response = render_json(
        _addressed(passage, value),
        status=status,
        basis=str(item),
        why=why,
        headers={**required_headers(status), **_allow(passage, status)},
    )
    return Reply(
        response=response,
        operation=operation.id,
        customer=read_id(passage.path_id),
        code=code,
        warnings=_warnings_of(value),
        rests_on=(item,),
        why=why,
    )


def _addressed(passage: Passage, value: object) -> object:
    """A forced answer names the customer that was asked for, in the dialect's form."""
    if not isinstance(value, Mapping):
        return value
    operation, number = passage.operation, read_id(passage.path_id)
    if operation.customer_field in value and number is not None:
        value = {**value, operation.customer_field: number}
    return shape(operation, value, passage.setting.dialect)


def find_other_answer(setting: Setting, name: str) -> str:
    """Return the answer to a question that brings an example of this name into the catalogue, "" where none does."""
    questions = () if setting.dialects is None else setting.dialects.questions.values()
    for question in questions:
        for answer, patches in question.contract.items():
            if f"{_CATALOGUE}/{name}" in patches and setting.dialect.answers[question.id] != answer:
                return f"{question.id} is {answer}"
    return ""


def _allow(passage: Passage, status: int) -> Mapping[str, str]:
    if status != 405:
        return {}
    routed = passage.setting.contract.route("OPTIONS", passage.endpoint.path)
    return {"Allow": ", ".join(routed.allow)} if isinstance(routed, MethodUnknown) else {}


def _code_of(value: object) -> int | None:
    errors = value.get("errors") if isinstance(value, Mapping) else None
    return int(errors[0]["code"]) if errors else None


def _warnings_of(value: object) -> tuple[int, ...]:
    warnings = value.get("warnings") if isinstance(value, Mapping) else None
    return tuple(int(warning["code"]) for warning in warnings or ())


def _refuse_unknown(passage: Passage, kind: str, asked: str) -> Reply:
    setting, operation = passage.setting, passage.operation
    nearest = ", ".join(setting.contract.catalogue.nearest(asked, operation.id))
    where = find_other_answer(setting, asked)
    missing = f"is an answer where {where}" if where else f"is no answer of {operation.id}"
    why = f'{kind}="{asked[:40]}" {missing}; nearest: {nearest}'
    refusal = Refusal(code="400", place="header/Prefer", why=why)
    return render_refusal(setting, refusal, Basis(), operation=operation.id, customer=read_id(passage.path_id))
