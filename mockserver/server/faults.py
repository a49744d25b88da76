"""Faults: the fault rules that are set in one world, counted and drawn; what they do to a request is a value.

Nothing here waits or touches a connection. What a rule does depends on its seed and on the requests that match it,
never on other rules' draws: the same seed and requests give the same faults.
"""

import math
import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

from mockserver.domain.record import RecordProblem
from mockserver.exchange import Setting
from mockserver.exchange.hiding import is_credential
from mockserver.exchange.secrecy import HIDDEN
from mockserver.server.fault_rules import (
    ANSWER_429,
    MOST_MILLISECONDS,
    MOST_RULES,
    Answer,
    Delay,
    Effect,
    Facts,
    FaultRule,
    Throttle,
)
from mockserver.values import Value, member, replace

_WINDOW_SECONDS = 60.0


class Disturbance(Value, frozen=True, kw_only=True):
    """What the faults of a world do to one request: wait, then the one effect of the rule `by`, if there is one.

    `applied` has a line for the journal on each rule that applies: its `id`, what it does (`do`), and `milliseconds`
    of a delay, else what becomes of the answer (`sent`), and the `prefer` that the core was asked with.
    """

    facts: Facts
    applied: tuple[Mapping[str, Any], ...]
    milliseconds: int = 0
    effect: Effect | None = None
    by: str = ""


class HeldRule(Value, kw_only=True):
    """A rule that is set: since when, whether it is switched on, and how often it matched and applied."""

    id: str
    rule: FaultRule
    expires: float
    enabled: bool
    matched: int = 0
    applied: int = 0
    _chance: random.Random
    _passed: deque[float] = member(default_factory=deque)  # when a throttle let a request pass, in the last minute

    def is_spent(self, now: float) -> bool:
        """Tell whether the rule applied as often, or lived as long, as it may."""
        return self.applied == self.rule.times or now >= self.expires

    def meets(self, facts: Facts, now: float) -> bool:
        """Count a request if it matches, and tell whether the rule may apply to it: the nth, by a draw."""
        if not self.enabled or self.is_spent(now) or not self.rule.fits(facts):
            return False
        self.matched += 1
        drawn = self._chance.random() < self.rule.probability
        nth = self.rule.match.nth
        return drawn and (not nth or self.matched in nth)

    def delay(self, delay: Delay) -> int:
        """Apply the rule's delay: return its milliseconds."""
        self.applied += 1
        return self._chance.randint(delay.least, delay.most)

    def act(self, now: float) -> Effect | None:
        """Apply any other effect and return it; None where it is none, or a throttle that has room."""
        effect: Effect | None = self.rule.effect
        if isinstance(effect, Throttle):
            effect = self._throttle(effect, now)
        if effect is None or isinstance(effect, Delay):
            return None
        self.applied += 1
        return effect

    def _throttle(self, throttle: Throttle, now: float) -> Effect | None:
        while self._passed and self._passed[0] <= now - _WINDOW_SECONDS:
            self._passed.popleft()
        if len(self._passed) < throttle.per_minute:
            self._passed.append(now)
            return None
        seconds = max(1, math.ceil(self._passed[0] + _WINDOW_SECONDS - now))
        because = f"more than {throttle.per_minute} a minute; there is room in {seconds} s"
        return replace(ANSWER_429, because=because, retry_after=seconds)

    def line(self) -> dict[str, Any]:
        """Return what the journal keeps of the rule where it applies."""
        return {"id": self.id, "do": self.rule.record["do"]}

    def show(self, now: float) -> dict[str, Any]:
        """Return the rule as JSON, with all that was left out, and its counts."""
        record, rule = self.rule.record, self.rule
        left = None if math.isinf(self.expires) else round(max(0.0, self.expires - now), 3)
        return {
            "id": self.id,
            "name": record.get("name"),
            "preset": record.get("preset"),
            "match": _without_secrets(record.get("match", {})),
            "do": record["do"],
            "times": rule.times,
            "ttl": record.get("ttl"),
            "probability": rule.probability,
            "seed": rule.seed,
            "enabled": self.enabled,
            "matched": self.matched,
            "applied": self.applied,
            "spent": self.is_spent(now),
            "secondsLeft": left,
        }


def _without_secrets(match: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a rule matches on as it may be shown: no credential in clear."""
    header = match.get("header")
    if not isinstance(header, dict):
        return match
    shown = {name: HIDDEN if is_credential(name, value) else value for name, value in header.items()}
    return {**match, "header": shown}


class Faults:
    """The rules of one world by id, in the order in which they were set. `monotonic` counts their seconds.

    Rules may be added and removed in another thread than the one that asks `meet`.
    """

    __slots__ = ("_ids", "_monotonic", "_rules")

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rules: dict[str, HeldRule] = {}
        self._ids = count(1)
        self._monotonic = monotonic

    def __bool__(self) -> bool:
        """Tell whether any rule may still disturb a request."""
        return bool(self._rules) and any(held.enabled and not held.is_spent(self._monotonic()) for held in self)

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
        now = self._monotonic()
        spent = [held.id for held in self if held.is_spent(now)]
        for rule_id in spent[: max(0, len(self._rules) + 1 - MOST_RULES)]:
            self._rules.pop(rule_id, None)
        expires = math.inf if rule.ttl is None else now + rule.ttl
        held = HeldRule(
            id=f"f{next(self._ids)}",
            rule=rule,
            expires=expires,
            enabled=rule.enabled,
            _chance=random.Random(rule.seed),  # noqa: S311  # to be repeated, not to be kept secret
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
        effect, by, milliseconds, applied = None, "", 0, []
        for held in [held for held in self if held.meets(facts, now)]:
            if isinstance(held.rule.effect, Delay):
                waits = held.delay(held.rule.effect)
                milliseconds += waits
                applied.append({**held.line(), "milliseconds": waits})
            elif effect is None and (effect := held.act(now)) is not None:
                by = held.id
                applied.append({**held.line(), **_sent(effect)})
        if not applied:
            return None
        bounded = min(milliseconds, MOST_MILLISECONDS)
        return Disturbance(facts=facts, applied=tuple(applied), milliseconds=bounded, effect=effect, by=by)


def _sent(effect: Effect) -> dict[str, Any]:
    return {"sent": effect.sent, **({"prefer": effect.prefer} if isinstance(effect, Answer) else {})}
