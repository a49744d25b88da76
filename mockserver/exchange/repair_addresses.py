"""Repairs of where a request goes and whom it means: path, method, customer, source and account."""

from collections.abc import Iterable, Iterator, Sequence
from heapq import nsmallest
from itertools import takewhile

from mockserver.contract import MethodUnknown
from mockserver.contract.parameters import read_query
from mockserver.domain.customer import CustomerId, Profile
from mockserver.exchange.editing import Edit
from mockserver.exchange.passage import Passage
from mockserver.exchange.repair_values import is_close, nearest
from mockserver.exchange.verdict import Candidate, Group, Verdict, leaving_out, setting

_MOST_NEAR = 5  # customers that are tried
_LONGEST_ID = 19  # digits
_WRITING = frozenset({"POST", "PATCH"})


def path_groups(verdict: Verdict) -> Iterator[Group]:
    """Give the paths of the contract that may be meant, with the customer that the path names, the likest first."""
    request, contract = verdict.passage.request, verdict.passage.setting.contract
    segments = [segment for segment in request.path.split("/") if segment.isascii() and segment.isdigit()]
    if segments:
        operations = verdict.passage.setting.operations
        filled = dict.fromkeys(
            operations[name].subject.filled(endpoint.path, segments[-1])
            for name, endpoint in contract.operations.items()
        )
        meant = nearest(list(filled), request.path)
        yield from (setting("path", [path]) for path in meant)


def method_groups(verdict: Verdict) -> Iterator[Group]:
    """Give the methods that the path has: the same one written right first, then one that writes or reads alike."""
    request = verdict.passage.request
    routed = verdict.passage.setting.contract.route(request.method, request.path)
    allow = routed.allow if isinstance(routed, MethodUnknown) else ()
    writes = bool(request.body) or request.method.upper() in _WRITING

    def rank(method: str) -> tuple[bool, bool]:
        return method != request.method.upper(), (method == "GET") is writes

    meant = sorted((method for method in allow if method not in ("OPTIONS", "HEAD")), key=rank)
    yield from (setting("method", [method]) for method in meant)


def customer_groups(verdict: Verdict) -> Iterator[Group]:
    """Give the customers that may be meant: the id written right, then a survivor, then ids that are near."""
    place = verdict.passage.operation.subject.place
    sent = verdict.passage.path_id
    digits = "".join(character for character in sent if character in "0123456789").lstrip("0")[:_LONGEST_ID]
    if digits and digits != sent:
        yield setting(place, [digits])
    customer = verdict.passage.load(CustomerId(int(digits or 0)))
    if customer is not None and customer.merged_into is not None:
        yield setting(place, [str(customer.merged_into)])
    ids = (str(number) for number in verdict.known)
    near = nsmallest(_MOST_NEAR, (text for text in ids if text != sent), key=lambda text: _apart(text, digits))
    yield setting(place, near)


def _apart(text: str, sent: str) -> tuple[int, int]:
    """Order ids by how much of both ends is alike, then by their distance."""
    return -_alike(text, sent) - _alike(text[::-1], sent[::-1]), abs(int(text) - int(sent or 0))


def _alike(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def source_groups(verdict: Verdict, members: Sequence[str]) -> Iterator[Group]:
    """Give sources: those written alike, then those without accounts, where the customer has a profile first.

    A read of a source in which the customer has no profile may mean another account of it.
    """
    sent = _sent(verdict.passage, "source")
    if not verdict.lacks_profile:
        alike = [member for member in nearest(members, sent) if is_close(member, sent)]
        yield setting("query/source", (member for member in alike if member != sent))
    held = _profiles(verdict.passage)
    yield setting(
        "query/accountId", (profile.account for profile in held if profile.source == sent and profile.account)
    )
    sources = verdict.passage.setting.organisation.sources
    known = {profile.source for profile in held}

    def rank(member: str) -> tuple[bool, bool]:
        return member in sources and bool(sources[member].accounts), member not in known

    offered = [member for member in members if member in sources or member == "ALL"]
    yield setting("query/source", sorted((member for member in offered if member != sent), key=rank))
    yield [_at(profile, verdict.passage) for profile in held if profile.source in members]


def _at(profile: Profile, passage: Passage) -> Candidate:
    """Return the edits that make a request mean a profile that is there."""
    source = Edit(place="query/source", do="set", value=profile.source)
    if profile.account is not None:
        return source, Edit(place="query/accountId", do="set", value=profile.account)
    is_sent = "accountId" in read_query(passage.request.query)
    return (source, *([Edit(place="query/accountId", do="remove")] if is_sent else []))


def account_groups(verdict: Verdict) -> Iterator[Group]:
    """Give accounts of the source, those alike what was sent first, then those of the customer; or none at all."""
    passage = verdict.passage
    name, sent = _sent(passage, "source"), _sent(passage, "accountId")
    source = passage.setting.organisation.sources.get(name)
    accounts = source.accounts if source is not None else frozenset()
    held = [profile.account for profile in _profiles(passage) if profile.source == name]
    ordered = sorted(accounts, key=lambda account: (account not in held, account))
    yield setting("query/accountId", nearest(ordered, sent))
    yield leaving_out("query/accountId")


def _sent(passage: Passage, name: str) -> str:
    """Return what a query parameter was sent as, empty where it was not."""
    return next(iter(read_query(passage.request.query).get(name, ())), None) or ""


def _profiles(passage: Passage) -> Iterable[Profile]:
    text = passage.path_id
    is_id = text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID
    customer = passage.load(CustomerId(int(text))) if is_id else None
    return () if customer is None else customer.profiles
