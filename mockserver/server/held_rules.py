"""A fault rule that is set: counted, drawn, and at last spent. It decides alone, whatever other rules there are."""

import math
import random
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mockserver.exchange.hiding import is_credential
from mockserver.exchange.secrecy import HIDDEN
from mockserver.server.fault_rules import ANSWER_429, Answer, Delay, Effect, Facts, FaultRule, Throttle
from mockserver.values import Value, member, replace

if TYPE_CHECKING:
    from mockserver.server.fault_draws import Draws
    from mockserver.server.resends import Resends

_WINDOW_SECONDS = 60.0


class Applied(Value, frozen=True, kw_only=True):
    """What one rule does to one request: a delay, or another effect; `line` is what the journal keeps of it."""

    line: Mapping[str, Any]
    effect: Effect | None = None
    milliseconds: int = 0


class HeldRule(Value, kw_only=True):
    """A rule that is set: since when, whether it is switched on, and how often it matched, applied, and met resends."""

    id: str
    rule: FaultRule
    expires: float
    enabled: bool
    matched: int = 0
    applied: int = 0
    resent: int = 0
    _draws: "Draws"
    _delays: random.Random
    _resends: "Resends[Applied]"
    _passed: deque[float] = member(default_factory=deque)  # when a throttle let a request pass, in the last minute

    def is_spent(self, now: float) -> bool:
        """Tell whether the rule applied as often, or lived as long, as it may."""
        return self.applied == self.rule.times or now >= self.expires

    def may_meet(self, now: float) -> bool:
        """Tell whether the rule may still disturb a request, be it one that comes again."""
        return self.enabled and (not self.is_spent(now) or self._resends.are_awaited(now))

    def meet(self, facts: Facts, now: float, *, is_taken: bool) -> Applied | None:
        """Count a request if it matches, and return what the rule does to it, None where that is nothing.

        `is_taken`: another rule has its effect on the request already, so that this one can but delay it.
        """
        if not self.enabled or not self.rule.fits(facts):
            return None
        again = self._resends.find(facts, now) if self.rule.persist else None
        if again is not None:
            return self._meet_again(again, is_taken=is_taken)
        applied = self._apply(now, is_taken=is_taken) if self._is_due(now) else None
        if applied is not None:
            self.applied += 1
        if applied is not None and self.rule.persist:
            self._resends.note(facts, applied, now)
        return applied

    def _meet_again(self, again: Applied, *, is_taken: bool) -> Applied | None:
        """Do to a resend what was done to its request, which uses up nothing."""
        if is_taken and again.effect is not None:
            return None
        self.resent += 1
        return replace(again, line={**again.line, "resend": True})

    def _is_due(self, now: float) -> bool:
        """Count a request that matches, and tell whether the rule may apply to it: the nth, by a draw."""
        if self.is_spent(now):
            return False
        self.matched += 1
        drawn = self._draws.draw()
        nth = self.rule.match.nth
        return drawn and (not nth or self.matched in nth)

    def _apply(self, now: float, *, is_taken: bool) -> Applied | None:
        effect: Effect | None = self.rule.effect
        if isinstance(effect, Delay):
            waits = self._delays.randint(effect.least, effect.most)
            return Applied(line={**self._line(), "milliseconds": waits}, milliseconds=waits)
        if is_taken:
            return None
        if isinstance(effect, Throttle):
            effect = self._throttle(effect, now)
        return None if effect is None else Applied(line={**self._line(), **_sent(effect)}, effect=effect)

    def _throttle(self, throttle: Throttle, now: float) -> Effect | None:
        while self._passed and self._passed[0] <= now - _WINDOW_SECONDS:
            self._passed.popleft()
        if len(self._passed) < throttle.per_minute:
            self._passed.append(now)
            return None
        seconds = max(1, math.ceil(self._passed[0] + _WINDOW_SECONDS - now))
        because = f"more than {throttle.per_minute} a minute; there is room in {seconds} s"
        return replace(ANSWER_429, because=because, retry_after=seconds)

    def _line(self) -> dict[str, Any]:
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
            "persist": rule.persist,
            "enabled": self.enabled,
            "matched": self.matched,
            "applied": self.applied,
            "resends": self.resent,
            "spent": self.is_spent(now),
            "secondsLeft": left,
        }


def _sent(effect: Effect) -> dict[str, Any]:
    return {"sent": effect.sent, **({"prefer": effect.prefer} if isinstance(effect, Answer) else {})}


def _without_secrets(match: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a rule matches on as it may be shown: no credential in clear."""
    header = match.get("header")
    if not isinstance(header, dict):
        return match
    shown = {name: HIDDEN if is_credential(name, value) else value for name, value in header.items()}
    return {**match, "header": shown}
