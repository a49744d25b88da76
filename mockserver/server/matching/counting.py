"""How often something was to be requested."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """From `least` to `most` times, both included; no `most` is any number. Left as it is: at least once."""

    least: int = 1
    most: int | None = None

    @classmethod
    def exactly(cls, number: int) -> Self:
        """Return: so many times, no more and no fewer."""
        return cls(least=number, most=number)

    def allows(self, found: int) -> bool:
        """Tell whether so many are as many as were to come."""
        return self.least <= found and (self.most is None or found <= self.most)

    def decide(self, found: int, forgotten: int = 0) -> bool | None:
        """Tell whether it was requested as often, where so many were found and others are forgotten, found or not.

        None where that depends on what is forgotten.
        """
        most = found + forgotten
        if self.allows(found) and self.allows(most):
            return True
        is_excluded = most < self.least or (self.most is not None and found > self.most)
        return False if is_excluded else None

    def bound(self, found: int) -> int:
        """Return the number that counts: the one that `found` misses, else the lower one that was asked for."""
        if self.most is not None and (found > self.most or self.least == 0):
            return self.most
        return self.least

    def __str__(self) -> str:
        """Say it in words that stand after "was to be requested"."""
        if self.most is None:
            return f"at least {in_times(self.least)}"
        if self.least == self.most:
            return in_times(self.least)
        return f"at most {in_times(self.most)}" if self.least == 0 else f"{self.least} to {self.most} times"


def in_times(number: int) -> str:
    """Say a number of times in words: `once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
