"""A phase of a campaign, as a value: what it is called, and what it does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from mockserver.verification.bench import Bench
from mockserver.verification.checks import Check
from mockserver.verification.events import Event

Phase: TypeAlias = Callable[[Bench], Iterator[Event]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseOf:
    """A phase: its name, either its checks or how it runs, and its part of what a limited run has left for more."""

    name: str
    checks: tuple[Check, ...] = ()
    run: Phase | None = None
    share: float = 1.0
