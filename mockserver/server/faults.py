"""Faults: the fault rules that are set in one world, asked in their order; what they do to a request is a value.

Nothing here waits or touches a connection. What a rule does depends on its seed and on the requests that match it,
never on other rules' draws: the same seed and requests give the same faults.
"""

import math
import random
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

from mockserver.domain.record import RecordProblem
from mockserver.exchange import Setting
from mockserver.real_time import monotonic
from mockserver.server.fault_rules import MOST_MILLISECONDS, MOST_RULES, Effect, Facts, FaultRule
from mockserver.server.held_rules import HeldRule
from mockserver.values import Value


class Disturbance(Value, frozen=True, kw_only=True):
    """What the faults of a world do to one request: wait, then the one effect of the rule `by`, if there is one.

    `applied` has a line for the journal on each rule that applies: its `id`, what it does (`do`), and `milliseconds`
    of a delay, else what becomes of the answer (`sent`), and the `prefer` that the core was asked with; and `resend`
    where the request is one that comes again.
    """

    facts: Facts
    applied: tuple[Mapping[str, Any], ...]
    milliseconds: int = 0
    effect: Effect | None = None
    by: str = ""


class Faults:
    """The rules of one world by id, in the order in which they were set. `monotonic` counts their seconds.

    Rules may be added and removed in another thread than the one that asks `meet`.
    """

    __slots__ = ("_ids", "_monotonic", "_rules")

    def __init__(self, *, monotonic: Callable[[], float] = monotonic) -> None:
        self._rules: dict[str, HeldRule] = {}
        self._ids = count(1)
        self._monotonic = monotonic

    def __bool__(self) -> bool:
        """Tell whether any rule may still disturb a request."""
        return bool(self._rules) and any(held.may_meet(self._monotonic()) for held in self)

    def __iter__(self) -> Iterator[HeldRule]:
        return iter(tuple(self._rules.values()))

    def show(self, held: HeldRule) -> dict[str, Any]:
        """Return one of the rules as JSON, as it stands now."""
        return held.show(self._monotonic())

    @property
    def is_full(self) -> bool:
        """Tell whether no further rule can be held; spent ones make room."""
        now = self._monotonic()
        return sum(not held.is_spent(now) for held in self) >= MOST_RULES

    def add(self, record: object, setting: Setting) -> HeldRule | RecordProblem:
        """Set a rule, read from JSON; `setting` knows the operations and answers that it may name."""
        from mockserver.server.fault_reading import read_rule  # a server is up sooner without it

        rule = read_rule(record, setting)
        if isinstance(rule, RecordProblem):
            return rule
        if self.is_full:
            return RecordProblem(
                path=(), problem=f"there are {MOST_RULES} rules, the most there can be", cure="delete one"
            )
        return self._hold(rule)

    def _hold(self, rule: FaultRule) -> HeldRule:
        from mockserver.server.fault_draws import Draws  # a server is up sooner without these, too
        from mockserver.server.resends import Resends

        now = self._monotonic()
        spent = [held.id for held in self if held.is_spent(now)]
        for rule_id in spent[: max(0, len(self._rules) + 1 - MOST_RULES)]:
            self._rules.pop(rule_id, None)
        held = HeldRule(
            id=f"f{next(self._ids)}",
            rule=rule,
            expires=math.inf if rule.ttl is None else now + rule.ttl,
            enabled=rule.enabled,
            _draws=Draws(rule.probability, rule.seed),
            _delays=random.Random(rule.seed),  # noqa: S311  # to be repeated, not to be kept secret
            _resends=Resends(),
        )
        self._rules[held.id] = held
        return held

    def find(self, rule_id: str) -> HeldRule | None:
        """Return a rule, or None."""
        return self._rules.get(rule_id)

    def delete(self, rule_id: str) -> bool:
        """Remove a rule; False where there was none."""
        return self._rules.pop(rule_id, None) is not None

    def clear(self) -> None:
        """Remove all rules."""
        self._rules.clear()

    def meet(self, facts: Facts) -> Disturbance | None:
        """Return what happens to a request, None where nothing does; every rule that matches is counted.

        Delays add up. Of all other effects the first wins, and rules after it keep their `times`.
        """
        now = self._monotonic()
        effect, by, milliseconds, lines = None, "", 0, []
        for held in self:
            applied = held.meet(facts, now, is_taken=effect is not None)
            if applied is None:
                continue
            lines.append(applied.line)
            milliseconds += applied.milliseconds
            if applied.effect is not None:
                effect, by = applied.effect, held.id
        if not lines:
            return None
        bounded = min(milliseconds, MOST_MILLISECONDS)
        return Disturbance(facts=facts, applied=tuple(lines), milliseconds=bounded, effect=effect, by=by)
