"""What is promised: an OpenAPI document, compiled to route, validate and explain.

Its law: it knows OpenAPI and nothing of customers, servers or clocks, and opens no file. `authority` stands
apart: it is slow to import, so it is imported only by those who ask openapi-core.
"""

from mockserver.contract.catalogue import Catalogue, CatalogueEntry
from mockserver.contract.compiled import Contract, compile_contract
from mockserver.contract.endpoint import Endpoint
from mockserver.contract.formats import is_date_time, moment, read_date_time
from mockserver.contract.parameters import Parameters, read_query
from mockserver.contract.patching import patched, touches
from mockserver.contract.routing import MethodUnknown, PathUnknown, RouteMatch
from mockserver.contract.strict_json import MAX_DEPTH, Parsed, read_json
from mockserver.contract.violation import Violation

__all__ = [
    "MAX_DEPTH",
    "Catalogue",
    "CatalogueEntry",
    "Contract",
    "Endpoint",
    "MethodUnknown",
    "Parameters",
    "Parsed",
    "PathUnknown",
    "RouteMatch",
    "Violation",
    "compile_contract",
    "is_date_time",
    "moment",
    "patched",
    "read_date_time",
    "read_json",
    "read_query",
    "touches",
]
