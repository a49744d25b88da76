"""The smallest edit of a refused request that would be accepted, found by asking the core again.

The law: a repair is proved, not guessed. Its request has been through the steps of judgement and was accepted, and
without any one of its edits it is refused.

The search is greedy. A refusal names one place; for it there are edits in groups, those that lose least of the request
first (`repair_candidates`). Of the first group that helps, the edit is taken that is accepted, with the fewest
warnings; else the one that takes the request furthest along the order of judgement. Then the next refusal is met,
until there is none. At last every edit is left out again that turns out not to be needed. So "smallest" means: as few
edits as this finds, each at a place that was refused, and nothing lost where a value could be set. Two values set lose
less than one item left out.

Credentials are not repaired but named: an edit of `header/Authorization`. Where any well-formed ones will do it holds a
placeholder; where they must be the world's it holds none and says so, and the repaired request goes without.
Nothing is guessed for a body that is too large, cannot be decoded or is not JSON, unless it is clear JSON with a key
twice or NaN; nor for what was no request at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from mockserver.domain.customer import CustomerId
from mockserver.exchange.authentication import find_fault
from mockserver.exchange.editing import Edit, edited, folded
from mockserver.exchange.explaining import refused_credentials
from mockserver.exchange.passage import Load, Passage
from mockserver.exchange.plain import Json
from mockserver.exchange.repair_candidates import groups_for
from mockserver.exchange.reply import Reply, Setting
from mockserver.exchange.respond import walk
from mockserver.exchange.verdict import Group, Verdict
from mockserver.messages import Request
from mockserver.values import replace

MOST_ASKS = 300  # of the core, in one search; minimising takes some more, at most 78
MOST_EDITS = 12
_MOST_BYTES = 2 * 1024 * 1024  # of bodies that are judged in one search, so that large ones are asked about less
_LEAST_ASKS = 8
_MOST_KNOWN = 10_000  # customers that are looked at for one whose id is near
_CREDENTIALS = frozenset({"authorization", "x-cap-api-oauth-token"})
PLACEHOLDER = "Basic dGlsbDptZDVoZXg="  # `till:md5hex`, which is nobody's
WORLDS_OWN = "the world's credentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What to change in a request, in this order, and the request as it is then.

    The request holds no credentials but those it came with, or a placeholder.
    """

    edits: tuple[Edit, ...]
    request: Request

    def __str__(self) -> str:
        return "; ".join(str(edit) for edit in self.edits)

    def record(self) -> dict[str, Json]:
        """Return the repair as JSON: what to do in words, and the edits."""
        return {"text": str(self), "edits": [edit.record() for edit in self.edits]}


def find_repair(
    setting: Setting,
    request: Request,
    *,
    load: Load,
    now: str,
    known: Iterable[CustomerId] = (),
    answered: Reply | None = None,
) -> Repair | None:
    """Return the smallest edit of a request that would be accepted, None where it was accepted or none is found.

    `load` gives the customers as they were when the request was answered, `now` the time of that (RFC 3339). `known`
    are ids of customers that are there: the first 10,000 are looked at where another customer is meant. `answered` is
    the reply that was given: needed where the request's credentials have been hidden since. They are then taken to be
    enough unless that reply is the 401 which refused them.
    """
    search = _Search(setting, request, load, now, known)
    first = search.ask(())
    if first is None or request.obstacle is not None:
        return None
    found = search.find(first)
    if found is None:
        return None
    named = () if search.needs_none(found) else _credentials(setting, request, answered)
    if not (named or found):
        return None
    mended = edited(setting.contract, _without_credentials(request, named), (*_written(named), *found))
    return None if mended is None else Repair(edits=(*named, *found), request=mended)


def _credentials(setting: Setting, request: Request, answered: Reply | None) -> tuple[Edit, ...]:
    """Return the edit that credentials need, if any."""
    is_refused = find_fault(setting, request.headers) if answered is None else refused_credentials(answered)
    if is_refused is None:
        return ()
    if setting.auth == "world":
        return (Edit(place="header/Authorization", do="set", note=WORLDS_OWN),)
    return (Edit(place="header/Authorization", do="set", value=PLACEHOLDER),)


def _written(named: tuple[Edit, ...]) -> tuple[Edit, ...]:
    return tuple(edit for edit in named if not edit.note)


def _without_credentials(request: Request, named: tuple[Edit, ...]) -> Request:
    """Take away credentials that were refused."""
    if not named:
        return request
    kept = {name: value for name, value in request.headers.items() if name not in _CREDENTIALS}
    return replace(request, headers=kept)


class _Search:
    """One search: the request, the customers, and how often the core may still be asked."""

    def __init__(self, setting: Setting, request: Request, load: Load, now: str, known: Iterable[CustomerId]) -> None:
        # Credentials are met apart, and what a refusal rests on is not wanted here.
        self._setting = replace(setting, auth="off", dialects=None)
        self._request = request
        self._load = load
        self._now = now
        self._known = tuple(islice(known, _MOST_KNOWN))
        self._left = min(MOST_ASKS, max(_LEAST_ASKS, _MOST_BYTES // max(1, len(request.body))))

    def ask(self, edits: tuple[Edit, ...]) -> Verdict | None:
        """Ask the core about the request with these edits, None where they cannot be made."""
        self._left -= 1
        request = edited(self._setting.contract, self._request, edits)
        if request is None:
            return None
        passage = Passage(self._setting, request, self._load, self._now)
        step, reply = walk(passage)
        return Verdict(step=step, reply=reply, passage=passage, known=self._known)

    def find(self, verdict: Verdict) -> tuple[Edit, ...] | None:
        """Return the edits that make the request accepted, none of them without need."""
        edits: tuple[Edit, ...] = ()
        while not verdict.accepted:
            found = self._go_further(edits, verdict)
            if found is None or len(found[0]) > MOST_EDITS:
                return None
            edits, verdict = found
        return self._needed(self._folded(edits))

    def needs_none(self, edits: tuple[Edit, ...]) -> bool:
        """Tell whether the request with these edits is answered before credentials are looked at, as OPTIONS is."""
        verdict = self.ask(edits)
        return verdict is not None and verdict.step == "route"

    def _folded(self, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
        fewer = folded(edits)
        verdict = self.ask(fewer) if fewer != edits else None
        return fewer if verdict is not None and verdict.accepted else edits

    def _go_further(self, edits: tuple[Edit, ...], verdict: Verdict) -> tuple[tuple[Edit, ...], Verdict] | None:
        for group in groups_for(verdict):
            best = self._best(edits, group)
            if best is not None and best[1].progress > verdict.progress:
                return best
        return None

    def _best(self, edits: tuple[Edit, ...], group: Group) -> tuple[tuple[Edit, ...], Verdict] | None:
        """Return the best of a group; the first that is accepted without a warning ends the asking."""
        best: tuple[tuple[Edit, ...], Verdict] | None = None
        for candidate in group:
            if self._left <= 0:
                break
            tried = (*edits, *candidate)
            verdict = self.ask(tried)
            if verdict is None:
                continue
            if best is None or _merit(verdict) > _merit(best[1]):
                best = tried, verdict
            if verdict.accepted and not verdict.warnings:
                break
        return best

    def _needed(self, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
        """Leave out edits until none can be left out; one that is not needed may hide behind another."""
        for number in range(len(edits)):
            fewer = (*edits[:number], *edits[number + 1 :])
            verdict = self.ask(fewer)
            if verdict is not None and verdict.accepted:
                return self._needed(fewer)
        return edits


def _merit(verdict: Verdict) -> tuple[object, int]:
    return verdict.progress, -verdict.warnings
