"""Forced answers: asked for by name instead of earned, always labelled, never sticky.

A client asks with `Prefer: code=8018` or `Prefer: example=NAME`, or, where it cannot set headers, with the
customer id `900000000 + code`.
"""

from collections.abc import Mapping

from mockserver.contract import Endpoint, MethodUnknown
from mockserver.domain.dialect import Dialect
from mockserver.domain.outcome import Basis, Refusal
from mockserver.exchange.negotiation import read_preferences
from mockserver.exchange.rendering import render_json, render_refusal, required_headers, status_of
from mockserver.exchange.reply import Reply, Setting
from mockserver.exchange.shaping import shape

_MAGIC = 900_000_000
_CATALOGUE = "/components/examples"


def force(setting: Setting, operation: Endpoint, user_id: str, headers: Mapping[str, str]) -> Reply | None:
    """Return the forced answer that a request asks for, or None where it asks for none."""
    prefer = headers.get("prefer")
    if prefer is not None:
        preferences = read_preferences(prefer)
        if "code" in preferences:
            return _force_code(setting, operation, user_id, preferences["code"])
        if "example" in preferences:
            return _force_example(setting, operation, user_id, preferences["example"])
    return _force_by_id(setting, operation, user_id)


def _force_by_id(setting: Setting, operation: Endpoint, user_id: str) -> Reply | None:
    if len(user_id) != 9 or not user_id.startswith("9") or not (user_id.isascii() and user_id.isdigit()):
        return None
    entry = setting.contract.catalogue.asked_code(str(int(user_id) - _MAGIC), operation.id)
    return None if entry is None else _force_example(setting, operation, user_id, entry.name)


def _force_code(setting: Setting, operation: Endpoint, user_id: str, code: str) -> Reply:
    entry = setting.contract.catalogue.asked_code(code, operation.id)
    if entry is None:
        return _refuse_unknown(setting, operation, user_id, "code", code)
    return _force_example(setting, operation, user_id, entry.name)


def _force_example(setting: Setting, operation: Endpoint, user_id: str, name: str) -> Reply:
    found = setting.contract.catalogue.asked_example(name, operation.id)
    if found is None:
        return _refuse_unknown(setting, operation, user_id, "example", name)
    status, value = found
    code = _code_of(value)
    if code is not None:
        status = status_of(setting.contract.catalogue.refusal(code), setting.dialect)
    basis = f"forced {name}"
    response = render_json(
        _addressed(value, user_id, setting.dialect),
        status=status,
        basis=basis,
        why=f"forced: the answer {name} was asked for",
        headers={**required_headers(status), **_allow(setting, operation, status)},
    )
    return Reply(
        response=response,
        operation=operation.id,
        customer=read_id(user_id),
        code=code,
        warnings=_warnings_of(value),
        basis=basis,
        why=f"forced: the answer {name} was asked for",
        forced=True,
    )


def _addressed(value: object, user_id: str, dialect: Dialect) -> object:
    """A forced update answers with the customer that was asked for, in the dialect's form."""
    return shape(_with_customer(value, read_id(user_id)), dialect) if isinstance(value, Mapping) else value


def _with_customer(value: Mapping[str, object], number: int | None) -> Mapping[str, object]:
    if "createdId" in value and number is not None:
        return {**value, "createdId": number}
    return value


def read_id(user_id: str) -> int | None:
    """Return a customer id that a path names, None where it is no number that a customer can have."""
    return int(user_id) if user_id.isascii() and user_id.isdigit() and len(user_id) <= 19 else None


def find_other_answer(setting: Setting, name: str) -> str:
    """Return the answer to a question that brings an example of this name into the catalogue, "" where none does."""
    questions = () if setting.dialects is None else setting.dialects.questions.values()
    for question in questions:
        for answer, patches in question.contract.items():
            if f"{_CATALOGUE}/{name}" in patches and setting.dialect.answers[question.id] != answer:
                return f"{question.id} is {answer}"
    return ""


def _allow(setting: Setting, operation: Endpoint, status: int) -> Mapping[str, str]:
    if status != 405:
        return {}
    routed = setting.contract.route("OPTIONS", operation.path)
    return {"Allow": ", ".join(routed.allow)} if isinstance(routed, MethodUnknown) else {}


def _code_of(value: object) -> int | None:
    errors = value.get("errors") if isinstance(value, Mapping) else None
    return int(errors[0]["code"]) if errors else None


def _warnings_of(value: object) -> tuple[int, ...]:
    warnings = value.get("warnings") if isinstance(value, Mapping) else None
    return tuple(int(warning["code"]) for warning in warnings or ())


def _refuse_unknown(setting: Setting, operation: Endpoint, user_id: str, kind: str, asked: str) -> Reply:
    nearest = ", ".join(setting.contract.catalogue.nearest(asked, operation.id))
    where = find_other_answer(setting, asked)
    missing = f"is an answer where {where}" if where else f"is no answer of {operation.id}"
    why = f'{kind}="{asked[:40]}" {missing}; nearest: {nearest}'
    refusal = Refusal(code="400", place="header/Prefer", why=why)
    return render_refusal(setting, refusal, Basis(), operation=operation.id, customer=read_id(user_id))
