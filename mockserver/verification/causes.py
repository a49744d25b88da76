"""Findings that have one cause, put together: the same symptom, brought about by what their requests have in common.

Cases with one symptom are one cause as long as no request that held had all that they have in common. Where one held,
they are told apart by what is particular; cases whose very features held elsewhere come and go, and are one cause too.
Then causes are joined that are about one kind of member, and those that show in members of every kind.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TypeAlias

from mockserver.verification.expectation import Kind
from mockserver.verification.features import Features, named_in, without_address
from mockserver.verification.findings import Grade
from mockserver.verification.symptoms import OF_STATE, ON_THE_WIRE, Case, Evidence, Subject

OF_MEMBERS = frozenset({Kind.KEPT, Kind.OTHERWISE, Kind.TOUCHED})
_EVERYWHERE = 3  # kinds of members that are not stored, from which on it is the storing itself that is broken


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Cases that have one cause.

    `scope` is what brings it about, as far as it is known: whatever held without the symptom lacked a part of it, but
    where the cause `is_fickle`, and comes and goes. `question` is that of a difference, empty where it is none.
    """

    cases: tuple[Case, ...]
    scope: Features = frozenset()
    is_fickle: bool = False
    question: str = ""

    @cached_property
    def kind(self) -> Kind:
        """The way in which something is wrong, of the smallest case."""
        return self.smallest.main.kind

    @cached_property
    def smallest(self) -> Case:
        """The case that shows it in the fewest steps, with the fewest words."""
        return min(self.cases, key=lambda case: case.size)

    @cached_property
    def common(self) -> Features:
        """What all its requests have in common."""
        return _common_to(self.cases)

    @cached_property
    def subjects(self) -> frozenset[Subject]:
        """What it is about."""
        return frozenset(case.main.subject for case in self.cases)

    @cached_property
    def parents(self) -> frozenset[str]:
        """The kinds of members that it is about."""
        return frozenset(subject[0] for subject in self.subjects if subject)

    @cached_property
    def is_general(self) -> bool:
        """Tell whether it is about storing or reading as such, and not about a kind of member."""
        is_everywhere = self.kind in (*OF_MEMBERS, Kind.UNSTEADY) and len(self.parents) >= _EVERYWHERE
        return is_everywhere or (self.kind is Kind.UNSTEADY and self.parents <= {"state"})

    @cached_property
    def grade(self) -> Grade:
        """The gravest grade of its cases."""
        return min((case.finding.grade for case in self.cases), key=list(Grade).index)


_Belong: TypeAlias = Callable[[Cause, Cause, Sequence[Cause]], bool]


def causes_of(cases: Iterable[Case], evidence: Collection[Evidence]) -> list[Cause]:
    """Return the causes of some cases."""
    alike: dict[Hashable, list[Case]] = defaultdict(list)
    for case in cases:
        alike[case.finding.question or case.main].append(case)
    causes = [cause for some in alike.values() for cause in _told_apart(some, evidence)]
    return _joined(_joined(causes, _is_sibling), _is_everywhere)


def _told_apart(cases: Sequence[Case], evidence: Collection[Evidence]) -> Iterator[Cause]:
    """Give the causes of cases with one symptom, the plainest first."""
    question = cases[0].finding.question
    if question:
        yield Cause(cases=tuple(cases), question=question)
        return
    fickle = [case for case in cases if _is_contradicted(case, case.features, evidence)]
    if fickle:
        yield Cause(cases=tuple(fickle), scope=_scope_of(fickle, ()), is_fickle=True)
    groups: list[list[Case]] = []
    for case in sorted((case for case in cases if case not in fickle), key=lambda case: case.size):
        fitting = (group for group in groups if _is_one(group, case, evidence))
        found = next(fitting, None)
        if found is None:
            groups.append([case])
        else:
            found.append(case)
    yield from (Cause(cases=tuple(group), scope=_scope_of(group, evidence)) for group in groups)


def _is_one(group: Sequence[Case], case: Case, evidence: Collection[Evidence]) -> bool:
    return not _is_contradicted(case, _common_to((*group, case)), evidence)


def _common_to(cases: Iterable[Case]) -> Features:
    return reduce(frozenset.intersection, (case.features for case in cases))


def _scope_of(cases: Sequence[Case], evidence: Collection[Evidence]) -> Features:
    """Return what brings a symptom about: the members alone, whatever their values, if nothing contradicts that."""
    common = _common_to(cases)
    is_enough = not _is_contradicted(cases[0], named_in(common), evidence)
    return named_in(common) if is_enough else without_address(common)


def _is_contradicted(case: Case, features: Features, evidence: Collection[Evidence]) -> bool:
    return any(one.contradicts(case.main, features) for one in evidence)


def _joined(causes: Sequence[Cause], belong: _Belong) -> list[Cause]:
    """Join causes that belong together, directly or by way of others."""
    joined: list[list[Cause]] = []
    for cause in causes:
        near = [group for group in joined if any(belong(one, cause, causes) for one in group)]
        rest = [group for group in joined if group not in near]
        joined = [*rest, [one for group in near for one in group] + [cause]]
    return [_as_one(group) for group in joined]


def _as_one(causes: Sequence[Cause]) -> Cause:
    return Cause(
        cases=tuple(case for cause in causes for case in cause.cases),
        scope=reduce(frozenset.intersection, (cause.scope for cause in causes)),
        is_fickle=all(cause.is_fickle for cause in causes),
        question=causes[0].question,
    )


def _is_sibling(one: Cause, other: Cause, _: Sequence[Cause]) -> bool:
    """Tell whether two causes are about one member, or in one way about members of one kind."""
    if one.question or other.question or one.smallest.main.elsewhere != other.smallest.main.elsewhere:
        return False
    if one.kind is other.kind is Kind.CODE:
        return one.smallest.main.code == other.smallest.main.code
    if one.kind is Kind.FORM or other.kind is Kind.FORM:
        return _is_same_form(one, other)
    if one.kind is other.kind is Kind.UNSTEADY:
        return one.parents == other.parents
    if one.kind not in OF_MEMBERS or other.kind not in OF_MEMBERS:
        return False
    return one.subjects == other.subjects or (one.kind is other.kind and one.parents == other.parents)


def _is_same_form(one: Cause, other: Cause) -> bool:
    is_any = one.parents <= {*ON_THE_WIRE}
    is_same = one.kind is other.kind and (is_any or one.smallest.main.answer == other.smallest.main.answer)
    is_shown = {one.kind, other.kind} <= {Kind.FORM, *OF_MEMBERS} and one.subjects == other.subjects
    return (is_same and one.parents == other.parents) or is_shown


def _is_everywhere(one: Cause, other: Cause, causes: Sequence[Cause]) -> bool:
    """Tell whether two causes are among those that show, in one way, in members of every kind."""
    alike = [cause for cause in causes if cause.kind is one.kind and not cause.question]
    parents = {parent for cause in alike for parent in cause.parents}
    can_be = one.kind in (*OF_STATE, Kind.GRANTED, Kind.UNSTEADY)
    is_alike = one.kind is other.kind and can_be and not (one.question or other.question)
    return is_alike and len(parents) >= _EVERYWHERE
