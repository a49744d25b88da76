"""Extended fields of a customer: only those enabled for the organisation, with a value of their datatype."""

from collections.abc import Mapping

from mockserver.domain.command import OMITTED, Omitted
from mockserver.domain.datatypes import Reading, read_value
from mockserver.domain.judgement import Judgement
from mockserver.domain.members import clears_null, clears_omitted
from mockserver.domain.organisation import ExtendedField
from mockserver.domain.outcome import Rejected

_PLACE = "body/extendedFields"


def update_extended_fields(
    present: Mapping[str, object], sent: Mapping[str, object] | None | Omitted, judgement: Judgement
) -> Mapping[str, object] | Rejected:
    """Return the extended fields after the update."""
    if sent is OMITTED:
        return {} if clears_omitted(judgement, held=bool(present)) else present
    if sent is None:
        return {} if clears_null(judgement) else present
    judgement.says(judgement.cites.extended_fields)
    fields = _start(present, sent, judgement)
    for name, value in sent.items():
        refused = _update_field(fields, present, name, value, judgement)
        if refused is not None:
            return refused
    return present if _are_alike(fields, present) else fields


def _are_alike(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Tell whether both hold the same values of the same types; 180 and 180.0 are equal, and not written alike."""
    return one == other and all(type(value) is type(other[name]) for name, value in one.items())


def _start(present: Mapping[str, object], sent: Mapping[str, object], judgement: Judgement) -> dict[str, object]:
    """Merging starts from what is there, replacing from nothing; the question matters where something is left."""
    named = {name.lower() for name, value in sent.items() if value is not None}
    if not named.issuperset(map(str.lower, present)) and judgement.asks("extended-fields") == "replace":
        return {}
    return dict(present)


def _update_field(
    fields: dict[str, object],
    present: Mapping[str, object],
    name: str,
    value: object,
    judgement: Judgement,
) -> Rejected | None:
    field = _find_field(name, judgement)
    if field is None:
        return None if value is None else _meet_unknown(name, judgement)
    if value is None:
        if clears_null(judgement):
            fields.pop(field.name, None)
        return None
    if value == "":
        value = _settle_empty(fields, field, present, judgement)
        if value is None:
            return None
    return _store_value(fields, field, name, value, judgement)


def _find_field(name: str, judgement: Judgement) -> ExtendedField | None:
    """Names are found whatever their case, unless the dialect wants them exact."""
    field = judgement.organisation.extended_fields.get(name.lower())
    if field is None or field.name == name:
        return field
    refusing = "10002" if judgement.answers["extended-field-unknown"] == "reject" else ""
    return None if judgement.asks("extended-name-case", refusing=refusing) == "exact" else field


def _settle_empty(
    fields: dict[str, object], field: ExtendedField, present: Mapping[str, object], judgement: Judgement
) -> object:
    """Return the empty text where it is to be stored; else settle the field here and return None."""
    answer = judgement.asks("empty-text", refusing=_rejection_of_wrong_type(judgement))
    if answer == "store":
        return ""
    if answer == "clear":
        fields.pop(field.name, None)
    elif field.name in present:
        fields[field.name] = present[field.name]
    return None


def _store_value(
    fields: dict[str, object], field: ExtendedField, name: str, value: object, judgement: Judgement
) -> Rejected | None:
    reading = read_value(field, value)
    if reading.value is None or not _accepts(reading, judgement):
        return _meet_wrong_type(field, name, value, judgement)
    fields[field.name] = reading.value
    return None


def _accepts(reading: Reading, judgement: Judgement) -> bool:
    """Tell whether the dialect takes a value that had to be read leniently."""
    if not reading.from_text and not reading.respelt:
        return True
    refusing = _rejection_of_wrong_type(judgement)
    if reading.from_text and judgement.asks("extended-value-as-text", refusing=refusing) != "accept":
        return False
    return not (reading.respelt and judgement.asks("extended-enum-case", refusing=refusing) == "exact")


def _rejection_of_wrong_type(judgement: Judgement) -> str:
    return "10002" if judgement.answers["extended-field-wrong-type"] == "reject" else ""


def _meet_unknown(name: str, judgement: Judgement) -> Rejected | None:
    why = f'"{name}" is no extended field that is enabled for this organisation'
    return _warn_or_reject("extended-field-unknown", name, why, judgement)


def _meet_wrong_type(field: ExtendedField, name: str, value: object, judgement: Judgement) -> Rejected | None:
    allowed = f" ({', '.join(field.values)})" if field.values else ""
    why = f"{value!r} is no {field.datatype}{allowed}"
    return _warn_or_reject("extended-field-wrong-type", name, why, judgement)


def _warn_or_reject(question: str, name: str, why: str, judgement: Judgement) -> Rejected | None:
    if judgement.asks(question, refusing="10002") == "reject":
        cited = (judgement.cites.extended_fields,)
        return judgement.refuse("10002", f"{_PLACE}/{name}", why, statements=cited, questions=(question,))
    judgement.warn("91015", f"{_PLACE}/{name}", why, name)
    return None
