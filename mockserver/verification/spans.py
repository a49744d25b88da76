"""Where texts that must go stand within a text: each form of them, as whole words where they are short."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOBILE = re.compile(r"\+?\d{4,}")
SHORTEST = 3  # characters of a text that is looked for within other text
_WORD = 4  # characters from which on it is looked for within words, too


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text."""

    start: int
    end: int
    is_secret: bool = False

    def holds(self, other: "Span") -> bool:
        """Tell whether another one stands within."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a text that must go."""

    lower: str
    pattern: re.Pattern[str]


def form_of(form: str, pattern: str) -> Form:
    """Return a form that is looked for whatever the case of its letters."""
    return Form(form.lower(), re.compile(pattern, re.IGNORECASE))


def is_telling(text: str) -> bool:
    """Tell whether a text says enough to be looked for within others: two letters of a script with many do."""
    if text.isascii():
        return len(text) >= (_WORD if text.isdigit() else SHORTEST)
    return len(text) > 1


def bounded(form: str) -> str:
    """Return a pattern that finds a number only as a whole number, and a short word only as a whole word."""
    if MOBILE.fullmatch(form):
        return rf"(?<!\d){re.escape(form)}(?!\d)"
    if form.isascii() and len(form) < _WORD and form.isalnum():
        return rf"(?<!\w){re.escape(form)}(?!\w)"
    return re.escape(form)


def present(forms: list[Form], text: str) -> list[re.Pattern[str]]:
    """Return the patterns that are worth a search; looking for plain text is much quicker than for a pattern."""
    lower = text.lower()
    return [form.pattern for form in forms if form.lower in lower]


def finds(patterns: Iterable[re.Pattern[str]], text: str) -> Iterator[Span]:
    """Give each stretch that a pattern finds."""
    return (Span(*found.span()) for pattern in patterns for found in pattern.finditer(text))


def joined(spans: Iterable[Span]) -> list[Span]:
    """Join spans that overlap; together they are secret if one is."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start):
        last = joined[-1] if joined else None
        if last is None or span.start >= last.end:
            joined.append(span)
        else:
            joined[-1] = Span(last.start, max(last.end, span.end), last.is_secret or span.is_secret)
    return joined


def offsets(part: str, whole: str) -> Iterator[int]:
    """Give where a part stands in a whole."""
    return (found.start() for found in re.finditer(f"(?={re.escape(part)})", whole))
