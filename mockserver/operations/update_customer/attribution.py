"""The headers that attribute an update: a lookup needs its type, for which OpenAPI has no words."""

from collections.abc import Mapping
from typing import Any

from mockserver.contract import Violation
from mockserver.domain.dialect import Dialect
from mockserver.operations.operation import ParameterRule

LOOKUP = "X-CAP-API-ATTRIBUTION-LOOKUP"
LOOKUP_TYPE = "X-CAP-API-ATTRIBUTION-LOOKUP-TYPE"


def _is_lookup_alone(values: Mapping[str, Any], dialect: Dialect) -> bool:
    """Tell whether a lookup stands without its type, where the dialect minds."""
    return LOOKUP in values and LOOKUP_TYPE not in values and dialect["attribution-headers"] != "ignore"


LOOKUP_ALONE = ParameterRule(
    violation=Violation(
        place=f"header/{LOOKUP_TYPE}",
        problem=f"is missing beside {LOOKUP}",
        rule="#/components/parameters/AttributionLookup",
        refusal="1061",
        repair=f"send {LOOKUP_TYPE}, or leave out {LOOKUP}",
    ),
    is_broken=_is_lookup_alone,
    questions=("attribution-headers",),
    beside=(f"header/{LOOKUP}",),
)
