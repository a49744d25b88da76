"""Where values are written: the named places, and what of each an update can write and take back.

A member can be taken back if the customer has it, with a value that an update could have written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.domain.datatypes import read_value
from mockserver.domain.organisation import ExtendedField
from mockserver.domain.profiles import NAME_LENGTH
from mockserver.verification.checks import Situation
from mockserver.verification.state import State
from mockserver.verification.target import Place
from mockserver.verification.writing import Member, Write, members_of

_TEXT_TYPES = frozenset({"STRING", "STANDARD_STRING"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A place, its customer's state, and what is held there and can be written back, by member."""

    place: Place
    state: State
    held: Mapping[Member, Any]
    fields: Mapping[str, ExtendedField]

    @property
    def names(self) -> tuple[Member, ...]:
        """The names that are held."""
        return tuple(member for member in self.held if len(member) == 1)

    @property
    def custom(self) -> tuple[Member, ...]:
        """The custom fields that are held."""
        return tuple(member for member in self.held if member[0] == "fields")

    @property
    def extended(self) -> tuple[Member, ...]:
        """The extended fields that are held."""
        return tuple(member for member in self.held if member[0] == "extendedFields")

    @property
    def texts(self) -> tuple[Member, ...]:
        """All members that hold any text."""
        free = (member for member in self.extended if is_free(self.field_of(member)))
        return (*self.names, *self.custom, *free)

    @property
    def channels(self) -> tuple[tuple[str, str], ...]:
        """Type and value of each channel that is held."""
        return tuple(dict.fromkeys((each[1], each[2]) for each in self.held if each[0] == "commChannels"))

    def field_of(self, member: Member) -> ExtendedField:
        """Return the extended field that a member is."""
        return self.fields[member[1].lower()]

    def without(self) -> Iterator[ExtendedField]:
        """Give the extended fields that the organisation has and the customer not."""
        held = {path.removeprefix("extendedFields/").lower() for path in self.state.flat}
        yield from (field for name, field in self.fields.items() if name not in held)


def is_free(field: ExtendedField) -> bool:
    """Tell whether an extended field holds any text."""
    return field.datatype in _TEXT_TYPES and not field.values


def subjects(situation: Situation) -> tuple[Subject, ...]:
    """Return all named places, those first where most can be written back."""
    fields = situation.organisation.extended_fields
    found = (
        Subject(place=place, state=state, held=dict(_held(place, state, fields)), fields=fields)
        for place, state in situation.states.items()
    )
    return tuple(sorted(found, key=lambda subject: len(subject.held), reverse=True))


def _held(place: Place, state: State, fields: Mapping[str, ExtendedField]) -> Iterator[Write]:
    yield from ((member, value) for member, value in members_of(place, state) if _is_written(member, value, fields))


def _is_written(member: Member, value: Any, fields: Mapping[str, ExtendedField]) -> bool:
    """Tell whether an update could have written a value, so that another one can write it back."""
    match member:
        case ("extendedFields", name):
            field = fields.get(name.lower())
            return field is not None and read_value(field, value).value == value
        case ("commChannels", *_, "primary" | "verified" | "residence" | "office"):
            return isinstance(value, bool)
        case ("commChannels", *_):
            return False
        case (_,):
            return isinstance(value, str) and 0 < len(value) <= NAME_LENGTH
        case _:
            return isinstance(value, str) and value != ""
