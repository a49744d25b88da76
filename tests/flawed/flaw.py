"""What a flaw is: a deployment that misbehaves in one way, what is wrong with it, and what shows it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from mockserver.messages import Request
from tests.flawed.deployment import Deployment, Twist

Leave: TypeAlias = Literal["reads", "writes", "irreversible"]
Make: TypeAlias = Callable[[], Deployment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """A way to misbehave.

    A correct finding names one of `names`, ids of statements or questions. `needs` is the least leave under which
    it can be seen. The answers to `at_once`, sent at the same time, and then to `shown_by`, in their order and with a
    `pause` in seconds before each, differ from those of a sound deployment.
    """

    name: str
    says: str
    names: tuple[str, ...]
    needs: Leave
    make: Make
    shown_by: tuple[Request, ...] = field(repr=False)
    at_once: tuple[Request, ...] = field(default=(), repr=False)
    pause: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A way to be sound. An update, and the work that follows it, is visible `settles_in` seconds after the answer."""

    name: str
    says: str
    make: Make
    settles_in: float = 0.0


def deployed(twist: Twist) -> Make:
    """Return what makes a deployment with this twist; one that remembers something must be made afresh each time."""
    return lambda: Deployment(twist)


def answering(**answers: str) -> Make:
    """Return what makes a deployment with other answers to our questions, `custom_fields` for `custom-fields`."""
    named = {question.replace("_", "-"): answer for question, answer in answers.items()}
    return lambda: Deployment(answers=named)
