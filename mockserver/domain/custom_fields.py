"""Custom fields of a profile: text by name, the names being the organisation's."""

from collections.abc import Mapping

from mockserver.domain.command import OMITTED, Omitted
from mockserver.domain.judgement import Judgement
from mockserver.domain.members import clears_null, clears_omitted, settle_text


def update_fields(
    present: Mapping[str, str],
    sent: Mapping[str, str | None] | None | Omitted,
    judgement: Judgement,
    place: str,
) -> Mapping[str, str]:
    """Return the custom fields after the update; `place` points at `fields` in the request."""
    if sent is OMITTED:
        return {} if clears_omitted(judgement, held=bool(present)) else present
    if sent is None:
        return {} if clears_null(judgement) else present
    judgement.says(judgement.cites.custom_fields)
    fields = _start(present, sent, judgement)
    for name, value in sent.items():
        if value is None:
            _meet_null(fields, name, judgement)
        elif name in judgement.organisation.custom_fields:
            _store(fields, name, settle_text(present.get(name), value, judgement))
        else:
            _meet_unknown(fields, name, value, judgement, place)
    return present if fields == present else fields


def _start(present: Mapping[str, str], sent: Mapping[str, str | None], judgement: Judgement) -> dict[str, str]:
    """Merging starts from what is there, replacing from nothing; the question matters where something is left."""
    if None in map(sent.get, present) and judgement.asks("custom-fields") == "replace":
        return {}
    return dict(present)


def _meet_null(fields: dict[str, str], name: str, judgement: Judgement) -> None:
    """Null empties the field or is as good as leaving it out."""
    if clears_null(judgement):
        fields.pop(name, None)


def _store(fields: dict[str, str], name: str, value: str | None) -> None:
    if value is None:
        fields.pop(name, None)
    else:
        fields[name] = value


def _meet_unknown(fields: dict[str, str], name: str, value: str, judgement: Judgement, place: str) -> None:
    answer = judgement.asks("custom-field-unknown")
    if answer == "store":
        fields[name] = value
        return
    why = f'"{name}" is no custom field of this organisation'
    if answer == "ignore":
        judgement.ignore(f"{place}/{name}", why)
        return
    judgement.warn("1017", f"{place}/{name}", why, name)
