"""What the server says of itself: that it is up, its contract, its errors, the questions, and the world's dialect."""

from collections.abc import Mapping
from typing import Any

import yaml

from mockserver.atlas import show_atlas
from mockserver.domain.dialect import Dialect
from mockserver.domain.record import RecordProblem
from mockserver.exchange.dialects import Question
from mockserver.exchange.negotiation import choose_type
from mockserver.messages import Response
from mockserver.server.control.calls import Call, Routes, refuse, show
from mockserver.storage import soon
from mockserver.version import __version__

_CONTRACT_TYPES = ("application/json", "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")


def _health(call: Call) -> Response:
    del call  # the server's health, whatever the world
    return show({"product": "customer-mockserver", "version": __version__, "ready": True})


def _live(call: Call) -> Response:
    del call  # whatever the server is ready for
    return show({"live": True})


def _contract(call: Call) -> Response:
    setting = call.world.setting
    dialects = setting.dialects
    document = setting.contract.document if dialects is None else dialects.document_of(setting.dialect)
    document = _served_from(document, call.base_url)
    media_type = choose_type(call.request.headers.get("accept"), _CONTRACT_TYPES)
    if media_type == "application/json":
        return show(document)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    return Response(status=200, headers={"Content-Type": media_type}, body=text.encode())


def _served_from(document: Mapping[str, Any], url: str) -> Mapping[str, Any]:
    """Return the contract with this address in place of the mock's usual one, so that an import aims at this mock."""
    first, *vendors = document["servers"]
    return {**document, "servers": [{**first, "url": url}, *vendors]}


def _show_dialect(call: Call) -> Response:
    return show(call.world.setting.dialect.answers)


async def _put_dialect(call: Call) -> Response:
    """Change the answers that are named; the others stay."""
    asked = call.body()
    if isinstance(asked, Response):
        return asked
    setting = call.world.setting
    if setting.dialects is None:
        return refuse(409, f"world {call.world.name} knows one dialect only")
    changed = await soon(call.world.answer(asked))
    if isinstance(changed, RecordProblem):
        place = "/".join(("body", *(str(segment) for segment in changed.path)))
        return refuse(400, f"{place}: {changed.problem}; {changed.cure}")
    return _show_dialect(call)


def _list_questions(call: Call) -> Response:
    """Show the questions, with the answers among which a dialect may choose, and the one that it has chosen."""
    setting = call.world.setting
    asked = () if setting.dialects is None else setting.dialects.questions.values()
    return show({"questions": [_show_question(question, setting.dialect) for question in asked]})


def _show_question(question: Question, dialect: Dialect) -> dict[str, Any]:
    return {
        "id": question.id,
        "asks": question.asks,
        "evidence": question.evidence,
        "answers": dict(question.answers),
        "implemented": list(question.implemented),
        "ours": question.ours,
        "basis": question.basis,
        "reason": question.reason,
        "answer": dialect[question.id],
    }


def _show_errors(call: Call) -> Response:
    return show(show_atlas(call.atlas(), call.world.setting.contract.catalogue))


ROUTES: Routes = {
    "health": {"GET": _health},
    "live": {"GET": _live},
    "contract": {"GET": _contract},
    "errors": {"GET": _show_errors},
    "questions": {"GET": _list_questions},
    "dialect": {"GET": _show_dialect, "PUT": _put_dialect},
}
