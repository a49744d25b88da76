"""Made-up values: texts that nobody has, by a seed, and never one that the target was seen to hold.

Addresses are in example.com (RFC 2606 §3, with no mail server), mobile numbers in ranges that are kept free for fiction
(Ofcom: +44 7700 900000 to 900999; NANP: 555-0100 to 555-0199), so that nothing that is sent reaches a stranger. An
organisation that demands others says so by patterns, in which `{n:5}` stands for five digits.
"""

import re
from collections.abc import Mapping
from random import Random

from mockserver.verification.state import State

KINDS = ("mobile", "email", "externalId")
DIGITS = re.compile(r"\{n:([0-9]{1,2})\}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_TRIES = 100  # draws from a pattern, before all that it allows counts as held
_USUAL: Mapping[str, str] = {
    "mobile": "447700900{n:3}",
    "local": "55501{n:2}",  # a mobile number without country code, as the page's own sample has one
    "email": "{word}@example.com",
    "externalId": "{word}",
}


class Fiction:
    """Makes up values for one run. `patterns` take the place of the usual ones, by kind: mobile, email, externalId.

    `made` are the texts that were made up so far.
    """

    def __init__(self, seed: int, patterns: Mapping[str, str] | None = None) -> None:
        given = dict(patterns or {})
        if "mobile" in given:
            given["local"] = given["mobile"]
        self.made: set[str] = set()
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
                self.made.add(word)
                return word

    def value(self, kind: str) -> str | None:
        """Make up a value of a kind (those of the patterns, and `local`); None where all are held."""
        pattern = self._patterns[kind]
        for _ in range(_TRIES):
            value = DIGITS.sub(self._digits, pattern)
            value = value.replace("{word}", self.word()) if "{word}" in value else value
            if not self._is_held(value):
                self.made.add(value)
                return value
        return None

    def _digits(self, found: re.Match[str]) -> str:
        return "".join(self._random.choice("0123456789") for _ in range(int(found[1])))

    def _is_held(self, text: str) -> bool:
        folded = text.casefold()
        return any(folded in held for held in self._held)
