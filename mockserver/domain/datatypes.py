"""Values of extended fields by datatype: what reads as a value of the type, and how it is kept.

`read_value` answers with a `Reading`: the value to keep, or None for one that is not of the type, and how
lenient the reading was. Dates come in the three published forms and are kept as sent.
"""

import re
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from mockserver.domain.organisation import ExtendedField
from mockserver.lossless_json import read_number
from mockserver.values import Value

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_DOUBLE = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?\Z")
_DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[Zz]|[+-][0-9]{2}:[0-9]{2}))?\Z")
_LARGEST_INTEGER = 2**63 - 1
_LARGEST_DOUBLE = int(sys.float_info.max)


class Reading(Value, frozen=True, kw_only=True):
    """A value read; `from_text` when a number came as text, `respelt` when an enum's case was mended."""

    value: object = None
    from_text: bool = False
    respelt: bool = False


def read_value(field: ExtendedField, sent: object) -> Reading:
    """Read a value as the field's datatype says; a `value` of None means that it is not of the type."""
    return _READERS[field.datatype](field, sent)


def _read_integer(_: ExtendedField, sent: object) -> Reading:
    if isinstance(sent, str):
        return Reading(value=int(sent) if _INTEGER.match(sent) else None, from_text=True)
    if isinstance(sent, float) and sent.is_integer():
        sent = int(sent)
    if isinstance(sent, bool) or not isinstance(sent, int) or abs(sent) > _LARGEST_INTEGER:
        return Reading()
    return Reading(value=sent)


def _read_double(_: ExtendedField, sent: object) -> Reading:
    if isinstance(sent, str):
        return Reading(value=read_number(sent) if _DOUBLE.match(sent) else None, from_text=True)
    if (
        isinstance(sent, bool)
        or not isinstance(sent, (int, float, Decimal))
        or not -_LARGEST_DOUBLE <= sent <= _LARGEST_DOUBLE
    ):
        return Reading()
    return Reading(value=sent)


def _read_datetime(_: ExtendedField, sent: object) -> Reading:
    if not isinstance(sent, str) or not _DATETIME.match(sent):
        return Reading()
    try:
        datetime.fromisoformat(sent.upper())
    except ValueError:  # the form is right, the calendar says no
        return Reading()
    return Reading(value=sent)


def _read_enum(field: ExtendedField, sent: object) -> Reading:
    if not isinstance(sent, str):
        return Reading()
    for value in field.values:
        if value.casefold() == sent.casefold():
            return Reading(value=value, respelt=value != sent)
    return Reading()


def _read_text(field: ExtendedField, sent: object) -> Reading:
    if field.values:
        return _read_enum(field, sent)
    return Reading(value=sent if isinstance(sent, str) else None)


def _read_named(field: ExtendedField, sent: object) -> Reading:
    """Countries, stores, associates and the like: a name or code, so never empty."""
    return Reading() if sent == "" else _read_text(field, sent)


_READERS: Mapping[str, Callable[[ExtendedField, object], Reading]] = {
    "STRING": _read_text,
    "STANDARD_STRING": _read_text,
    "INTEGER": _read_integer,
    "DOUBLE": _read_double,
    "DATETIME": _read_datetime,
    "STANDARD_ENUM": _read_enum,
    "CUSTOM_ENUM": _read_enum,
    "COUNTRY": _read_named,
    "LANGUAGE": _read_named,
    "CURRENCY": _read_named,
    "ORG_ENTITY": _read_named,
    "ASSOCIATE_USER": _read_named,
}
DATATYPES = frozenset(_READERS)
