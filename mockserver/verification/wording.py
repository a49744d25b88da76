"""Sentences of our own in which values of the target's stand, kept apart so that only the values are masked.

A `Wording` is text, and knows its parts: our own words, values (`Held`), places in an answer or a state (`At`), and
text of unknown origin, which whoever masks must search. Every text that is no `Wording` is of unknown origin as a
whole, and so is a `Wording` that was cut, joined with `+` or put into an f-string: what is forgotten is masked too
much, never too little.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self, TypeAlias


@dataclass(frozen=True, slots=True)
class Held:
    """A value, as JSON; `show` puts it into words."""

    value: Any
    show: Callable[[Any], str]

    def __str__(self) -> str:
        return self.show(self.value)


@dataclass(frozen=True, slots=True)
class At:
    """A place: names of members, and at most the value of a channel: `state/…/commChannels/mobile:44770/primary`."""

    path: str

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class Heard:
    """Text whose origin is not known, such as a message of the target's."""

    text: str

    def __str__(self) -> str:
        return self.text


Part: TypeAlias = str | Held | At | Heard  # a text among them is words of our own


class Wording(str):
    """Text that knows its parts; made by `own`, `worded` and `joined`."""

    __slots__ = ("parts",)
    parts: tuple[Part, ...]

    def __new__(cls, parts: Iterable[Part]) -> Self:
        """Return the text of the parts, one after the other."""
        parts = tuple(parts)
        made = super().__new__(cls, "".join(str(part) for part in parts))
        made.parts = parts
        return made

    def __getnewargs__(self) -> tuple[tuple[Part, ...]]:  # type: ignore[override]  # how copies are made
        """Return what a copy is made of."""
        return (self.parts,)


def own(text: str) -> Wording:
    """Return words of our own, in which nothing is masked but secrets."""
    return Wording((text,))


def as_own(text: str) -> Wording:
    """Take a text for words of our own, but where it knows its parts."""
    return text if isinstance(text, Wording) else own(text)


def worded(template: str, *arguments: Part | int) -> Wording:
    """Fill a template of our own words, `{} is {}`: a text put in is of unknown origin, a number is ours."""
    words = template.split("{}")
    parts: list[Part] = [words[0]]
    for argument, following in zip(arguments, words[1:], strict=True):
        parts += [*_parts_of(argument), following]
    return Wording(part for part in parts if part != "")


def joined(separator: str, texts: Iterable[str]) -> Wording:
    """Return texts with words of our own between them."""
    parts: list[Part] = []
    for text in texts:
        parts += [*([separator] if parts else []), *parts_of(text)]
    return Wording(parts)


def parts_of(text: str) -> tuple[Part, ...]:
    """Return the parts of a text; one that is no `Wording` is of unknown origin."""
    return text.parts if isinstance(text, Wording) else (Heard(text),)


def _parts_of(argument: Part | int) -> Iterator[Part]:
    match argument:
        case str():
            yield from parts_of(argument)
        case int():
            yield str(argument)
        case _:
            yield argument
