"""Made-up values: texts that nobody has, by a seed, and never one that the target was seen to hold.

Addresses are in example.com (RFC 2606 §3, with no mail server), mobile numbers in ranges that are kept free for fiction
(Ofcom: +44 7700 900000 to 900999; NANP: 555-0100 to 555-0199), so that nothing that is sent reaches a stranger. An
organisation that demands others says so by patterns, in which `{n:5}` stands for five digits.
"""

import re
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

from mockserver.domain.channels import is_valid_channel
from mockserver.errors import ConfigurationError
from mockserver.verification.state import State

KINDS = ("mobile", "email", "externalId")
DIGITS = re.compile(r"\{n:([0-9]{1,2})\}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MOST_DIGITS = 15
_TRIES = 100  # draws from a pattern, before all that it allows counts as held
_USUAL: Mapping[str, str] = {
    "mobile": "447700900{n:3}",
    "local": "55501{n:2}",  # a mobile number without country code, as the page's own sample has one
    "email": "{word}@example.com",
    "externalId": "{word}",
}


class Fiction:
    """Makes up values for one run. `patterns` take the place of the usual ones, by kind: mobile, email, externalId.

    `made` are the texts that were made up so far, each with its kind.
    """

    def __init__(self, seed: int, patterns: Mapping[str, str] | None = None) -> None:
        given = dict(patterns or {})
        if "mobile" in given:
            given["local"] = given["mobile"]
        self.made: dict[str, str] = {}
        self._patterns = {**_USUAL, **given}
        self._random = Random(seed)  # noqa: S311  # made-up names, nothing secret
        self._held: set[str] = set()

    def avoid(self, state: State) -> None:
        """Make up nothing, from now on, that stands in a state: in a value, or in the name of a member."""
        for path, value in state.flat.items():
            self._held.add(path.casefold())
            if isinstance(value, str):
                self._held.add(value.casefold())

    def word(self) -> str:
        """Make up a text of eight small letters."""
        while True:
            word = "".join(self._random.choice(_LETTERS) for _ in range(8))
            if word not in self.made and not self._is_held(word):
                self.made[word] = "word"
                return word

    def value(self, kind: str) -> str | None:
        """Make up a value of a kind (those of the patterns, and `local`); None where all are held."""
        pattern = self._patterns[kind]
        for _ in range(_TRIES):
            value = DIGITS.sub(self._digits, pattern)
            value = value.replace("{word}", self.word()) if "{word}" in value else value
            if not self._is_held(value):
                self.made[value] = kind
                return value
        return None

    def claim(self, texts: Iterable[str]) -> None:
        """Count texts as made up, but for those that the target was seen to hold, the value of a channel included."""
        self.made.update({text: "" for text in texts if text not in self.made and not self._is_held(text)})

    def instead(self, body: Any) -> Any:  # Any: JSON
        """Return a body with made-up values in the place of those that may reach somebody: numbers and addresses."""
        if isinstance(body, list):
            return [self.instead(item) for item in body]
        if not isinstance(body, dict):
            return body
        return {
            name: self._unreachable(inner) if name == "value" and isinstance(inner, str) else self.instead(inner)
            for name, inner in body.items()
        }

    def _unreachable(self, text: str) -> str:
        if "@" in text:
            return self.value("email") or self.word()
        return self.value("mobile") or self.word() if is_valid_channel("mobile", text) else text

    def _digits(self, found: re.Match[str]) -> str:
        return "".join(self._random.choice("0123456789") for _ in range(int(found[1])))

    def _is_held(self, text: str) -> bool:
        folded = text.casefold()
        return any(folded in held for held in self._held)


def read_patterns(given: Iterable[str]) -> dict[str, str]:
    """Read `NAME=PATTERN`, each name once; one that cannot be used is a ConfigurationError."""
    patterns: dict[str, str] = {}
    for text in given:
        name, equals, pattern = text.partition("=")
        if name not in KINDS or not equals:
            raise ConfigurationError(f"--value {text!r} is no NAME=PATTERN; the names are {', '.join(KINDS)}")
        if name in patterns:
            raise ConfigurationError(f"--value {name} is given twice; keep one of {patterns[name]!r} and {pattern!r}")
        _verify(name, pattern)
        patterns[name] = pattern
    return patterns


def _verify(name: str, pattern: str) -> None:
    shown = DIGITS.sub(lambda found: "0" * int(found[1]), pattern)
    if "{" in shown or "}" in shown or any(not 1 <= int(count) <= _MOST_DIGITS for count in DIGITS.findall(pattern)):
        raise ConfigurationError(
            f"--value {name}={pattern}: a brace begins {{n:5}}, five digits, and 1 to {_MOST_DIGITS} of them"
        )
    if not shown or (name != "externalId" and not is_valid_channel(name, shown)):
        what = "e-mail address" if name == "email" else f"{name} number" if name == "mobile" else name
        raise ConfigurationError(f"--value {name}={pattern} makes {shown!r}, which is no {what}")
