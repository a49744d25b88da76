"""What went wrong in a finding, reduced to what two can be compared by: the symptom, and the request's features.

A subject is a class of members, the outermost first: `("names", "firstName")`, `("channels", "primary")`,
`("extendedFields", "city")`, `("programs", "tier")`, `("errors", "code")`; of a refusal that did not come it is the
code that was due, `("8015",)`. So it does not matter in whose profile, in which channel, or whether in a state or an
answer something shows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from mockserver.verification.expectation import Expectation, Kind, Mismatch
from mockserver.verification.features import Features, features_of, reach_of
from mockserver.verification.findings import Finding

Size: TypeAlias = tuple[int, int, int, str]
Subject: TypeAlias = tuple[str, ...]
_OF_REFUSALS = frozenset({Kind.GRANTED, Kind.CODE})
OF_STATE = frozenset({Kind.KEPT, Kind.OTHERWISE, Kind.TOUCHED, Kind.OTHERS, Kind.LOST})
# What an answer is as a whole: where that is wrong, nothing of it can be trusted.
WHOLE: frozenset[Subject] = frozenset({("body",), ("errors",), ("header", "Content-Type"), ("wire", "body")})
ON_THE_WIRE = ("header", "wire")  # what is wrong there is so whichever answer it is
_NAMES = ("firstName", "lastName")
_TOLD_BY = (("primary", "verified"), ("tier", "points"))  # what a channel has, and a program
# The first of these that a finding has is the main thing: what follows from it comes after it.
ORDER = (
    *(Kind.UNSTEADY, Kind.FAILURE, Kind.FORM, Kind.REFUSED, Kind.GRANTED, Kind.CODE, Kind.LOST, Kind.OTHERS),
    *(Kind.KEPT, Kind.OTHERWISE, Kind.UNWARNED, Kind.TOUCHED, Kind.WARNED, Kind.ANSWER, Kind.STATUS, Kind.UNRESTORED),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """One thing that is wrong: in what way, what it is about, with which code; `elsewhere`: not where it was asked for.

    `answer` says of the form of an answer whether it granted or refused something.
    """

    kind: Kind
    subject: Subject = ()
    code: int | None = None
    elsewhere: bool = False
    answer: str = ""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A finding as diagnosis sees it: the main symptom and all others, and what is particular about its requests.

    `features` are those of the request where it went wrong, `reach` those of all its requests.
    """

    finding: Finding
    main: Symptom
    symptoms: tuple[Symptom, ...]
    features: Features
    reach: Features

    @cached_property
    def size(self) -> Size:
        """How much of an example it is: steps, what the last one says, bytes; the name decides between equal ones."""
        steps, name = self.finding.steps, f"{self.finding.phase}/{self.finding.check}"
        return len(steps), len(self.features), sum(len(step.request.body) for step in steps), name


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A step that came as promised: it contradicts whoever says that these features bring about a symptom.

    `stored` is what was seen stored as it was sent, `warned` the warnings and `refused` the code that came as promised.
    """

    features: Features
    granted: bool
    looked: bool
    stored: frozenset[Subject] = frozenset()
    warned: frozenset[int] = frozenset()
    refused: Subject = ()

    def contradicts(self, symptom: Symptom, features: Features) -> bool:
        """Tell whether such a request came without the symptom, though it could have shown it."""
        return features <= self.features and self._lacks(symptom)

    def _lacks(self, symptom: Symptom) -> bool:
        match symptom.kind:
            case Kind.REFUSED | Kind.FAILURE:
                return self.granted
            case Kind.GRANTED | Kind.CODE:
                return not self.granted and symptom.subject == self.refused
            case Kind.KEPT | Kind.OTHERWISE:
                return symptom.subject in self.stored
            case Kind.TOUCHED | Kind.OTHERS:
                return self.looked
            case Kind.UNWARNED:
                return symptom.code in self.warned
            case _:
                return False


def case_of(finding: Finding) -> Case:
    """Return a finding as diagnosis sees it."""
    symptoms = tuple(_symptom_of(one, finding) for one in finding.wrong) or (Symptom(kind=Kind.ANSWER),)
    steps = finding.steps
    return Case(
        finding=finding,
        main=min(symptoms, key=rank_of),
        symptoms=symptoms,
        features=features_of(steps) if steps else frozenset(),
        reach=reach_of(steps),
    )


def rank_of(symptom: Symptom) -> float:
    """What went to another profile is missing from its own, and not the other way round."""
    return ORDER.index(Kind.KEPT) - 0.5 if symptom.elsewhere else ORDER.index(symptom.kind)


def _symptom_of(wrong: Mismatch, finding: Finding) -> Symptom:
    is_due = wrong.kind in _OF_REFUSALS and bool(finding.steps)
    is_others = wrong.kind is Kind.TOUCHED and _is_of_others(finding)
    return Symptom(
        kind=Kind.OTHERS if is_others else wrong.kind,
        subject=refusal_of(finding.steps[-1].expect) if is_due else _subject_of(wrong, finding.wrong),
        code=wrong.code if wrong.kind is not Kind.STATUS else None,
        elsewhere=wrong.kind is Kind.TOUCHED and _may_be_elsewhere(finding) and _is_elsewhere(wrong.place, finding),
        answer=_answer_of(finding) if wrong.kind in (Kind.FORM, Kind.STATUS) else "",
    )


def _subject_of(wrong: Mismatch, others: tuple[Mismatch, ...]) -> Subject:
    """Return what a mismatch is about: the channel or program itself, where all by which one is told did not come."""
    holder, _, name = wrong.place.rpartition("/")
    kept = {one.place for one in others if one.kind is Kind.KEPT}
    told = next((members for members in _TOLD_BY if name in members), ())
    is_whole = bool(told) and all(f"{holder}/{member}" in kept for member in told)
    return subject_of(wrong.place)[: 1 if is_whole else None]


def refusal_of(expect: Expectation) -> Subject:
    """Return the codes that are due, as a subject."""
    return ("-".join(str(code) for code in expect.codes) or "refusal",)


def _is_of_others(finding: Finding) -> bool:
    """Tell whether a read showed it, of another customer than those who were updated."""
    requests = [step.request for step in finding.steps]
    if len(requests) < 2 or requests[-1].method != "GET":
        return False
    return all(one.method != "GET" and one.path != requests[-1].path for one in requests[:-1])


def _answer_of(finding: Finding) -> str:
    """Tell whether the answer where it went wrong granted or refused, as far as the finding says so, or was a read."""
    kinds, is_refusal = {one.kind for one in finding.wrong}, _is_due(finding)
    shows_errors = any(one.place.startswith("body/errors") for one in finding.wrong)
    if Kind.REFUSED in kinds or (is_refusal and Kind.GRANTED not in kinds) or shows_errors:
        return "refusal"
    return "read" if finding.steps and finding.steps[-1].request.method == "GET" else "grant"


def _is_due(finding: Finding) -> bool:
    """Tell whether the request where it went wrong was to be refused."""
    expect = finding.steps[-1].expect if finding.steps else Expectation()
    return bool(expect.codes) or any(status >= 400 for status in expect.statuses)


def _may_be_elsewhere(finding: Finding) -> bool:
    """What a refused update changed, and what its own profile stored otherwise, is about more than the address."""
    return not _is_due(finding) and all(one.kind is not Kind.OTHERWISE for one in finding.wrong)


def _is_elsewhere(place: str, finding: Finding) -> bool:
    """Tell whether a place is in another profile than the one that the request names."""
    parts, steps = place.split("/"), finding.steps
    if parts[1:2] != ["profiles"] or len(parts) < 3 or not steps:
        return False
    named = {one.partition("=")[0]: one.partition("=")[2] for one in features_of(steps) if "=" in one}
    asked = ":".join(named[name] for name in ("source", "accountId") if name in named)
    return bool(asked) and parts[2] != asked


def subject_of(place: str) -> Subject:
    """Return the class of members that a place of a state or of an answer belongs to."""
    where, _, path = place.partition("/")
    if "commChannels" in path:
        return ("channels", *_channel_member(path))
    parts = [part for part in path.split("/") if not part.isdecimal()]
    if where not in ("state", "body") or not path or not parts:
        return tuple(place.split("/"))
    match parts:
        case ["profiles", *inner]:
            return _in_profile(inner[1:] if where == "state" else inner)
        case ["programs", *inner]:
            return ("programs", *inner[-1:])
        case [*_, "loyaltyType"]:
            return ("loyaltyType",)
        case _:
            return tuple(parts[:2])


def _in_profile(inner: list[str]) -> Subject:
    if not inner:
        return ("profiles",)
    return ("names", inner[0]) if inner[0] in _NAMES else tuple(inner[:2])


def _channel_member(path: str) -> Iterator[str]:
    """Give the flag of a channel that a path is about; the channel's value itself may hold slashes."""
    found = re.search(r"/(primary|verified|meta|type|value)(/[^/]*)?\Z", path)
    yield from [found[1]] if found else []


def item_of(place: str) -> str:
    """Return the value of the channel that a place is about, empty where it is about none."""
    found = re.search(r"/commChannels/[^:/]*:(.*?)(?: again)*/(?:primary|verified|meta/[^/]*)\Z", place)
    return found[1] if found else ""
