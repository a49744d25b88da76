"""The form of an answer, where page and samples differ; one function gives it to earned and to forced answers.

The examples of the contract are in the documented form.
"""

from collections.abc import Mapping
from typing import Any

from mockserver.domain.dialect import Dialect
from mockserver.operations.operation import Operation


def shape(operation: Operation[Any, Any], body: Mapping[str, Any], dialect: Dialect) -> Mapping[str, Any]:  # Any: JSON
    """Return an answer, as the documented dialect shows it, in another's form."""
    return shape_refusal(body, dialect) if body.keys() == {"errors"} else operation.shape(body, dialect)


def shape_refusal(body: Mapping[str, Any], dialect: Dialect) -> Mapping[str, Any]:  # Any: JSON
    """Return the envelope of a refusal in a dialect's form: errors alone or not."""
    return {**body, "warnings": []} if dialect.answers["error-envelope"] == "with-warnings" else body
