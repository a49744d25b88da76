"""Which statement of the page a request is about: by what the contract forbids in it, or the one thing it says."""

from collections.abc import Mapping

from mockserver.contract import Contract, Violation
from mockserver.contract.pointers import find, follow
from mockserver.verification.form import statement_at
from mockserver.verification.schema_asked import Asked
from mockserver.verification.schema_shrinking import leaves_of

_TABLES = {"path": "-PATH-", "query": "-QRY-", "header": "-HDR-"}  # what the ids of their statements have in them


def statement_named(contract: Contract, asked: Asked) -> str:
    """Return the statement about what is particular in a request: its violation, or the one thing that it says."""
    if asked.violation is not None:
        return statement_of_violation(contract, asked, asked.violation)
    said = [leaf for leaf in leaves_of(asked.request) if leaf.startswith(("body/", "header/"))]
    if len(said) != 1 or asked.routed is None or asked.routed.operation.body is None:
        return ""
    if said[0].startswith("header/"):
        return _statement_of_parameter(contract, asked, said[0])
    return _statement_of_member(contract, asked.routed.operation.body.place, said[0].split("/")[1:])


def statement_of_violation(contract: Contract, asked: Asked, violation: Violation) -> str:
    """Return the statement of what a violation breaks; empty where the contract names none."""
    return _statement_of_parameter(contract, asked, violation.place) or statement_at(contract.document, violation)


def _statement_of_parameter(contract: Contract, asked: Asked, place: str) -> str:
    """Return a parameter's statement, of several the one of the page's table that lists it."""
    parameters = asked.routed.operation.parameters if asked.routed is not None else ()
    rule = next((item.rule for item in parameters if item.place.lower() == place.lower()), None)
    names = [] if rule is None else [str(name) for name in find(contract.document, rule).get("x-statements", ())]
    return next((name for name in names if _TABLES[place.partition("/")[0]] in name), next(iter(names), ""))


def _statement_of_member(contract: Contract, place: str, names: list[str]) -> str:
    """Walk down the members of a body, and return the statement that is nearest to the last."""
    named = ""
    node, place = follow(contract.document, {"$ref": place}, place)
    for name in names:
        inner = node.get("items") if name == "*" else node.get("properties", {}).get(name)
        if not isinstance(inner, Mapping):
            return named
        named = next(iter(inner.get("x-statements", ())), named)
        node, place = follow(contract.document, inner, place)
    return named
