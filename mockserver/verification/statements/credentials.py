"""Wrong credentials: whatever is wrong with them, nothing is read and nothing is done.

Made-up tills and tokens harm nobody. A till that there is may be locked after some wrong passwords: so without leave
for what cannot be undone two of them are sent, and a request with the right one goes between any two.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.checks import Check, Plan, Situation, Unfit
from mockserver.verification.expectation import Expectation
from mockserver.verification.findings import Grade, Step
from mockserver.verification.reader import customer_request, loyalty_request
from mockserver.verification.statements.asking import held_name, profile, put
from mockserver.verification.target import Leave
from mockserver.verification.wrong_credentials import LOCKING, SMALL

_UNREAD = Expectation(status=(401, 403), valid=False)
_UNDONE = replace(_UNREAD, changes={})  # which takes another read, with the right credentials
_READ = Expectation(status=200)
_FEW = 3


def _reads(situation: Situation) -> Iterator[Request]:
    yield customer_request(situation.place)
    if situation.state.has_programs:
        yield loyalty_request(situation.place.customer)


def _updates(situation: Situation) -> Iterator[Request]:
    """A name, now and in the background; nothing where there is none that could be written back."""
    member = held_name(situation)
    if isinstance(member, Unfit):
        return
    body = profile(**{member: situation.word})
    yield put(situation.place, body)
    yield put(situation.place, body, query=f"{situation.place.query}&use_async=true")


def _sent_with(kinds: Iterable[str], requests: Sequence[Request], expect: Expectation = _UNDONE) -> Iterator[Step]:
    """Give each request with each kind of wrong credentials, every second time on a connection of its own."""
    for number, kind in enumerate(kinds):
        for request in requests:
            yield Step(request=request, expect=expect, credentials=kind, fresh=number % 2 == 1)


def _made_up(situation: Situation) -> tuple[str, ...]:
    kinds = tuple(kind for kind in situation.wrong_credentials if kind not in LOCKING)
    return kinds if situation.thorough else kinds[:_FEW]


def _read_with_made_up(situation: Situation) -> Plan:
    return tuple(_sent_with(_made_up(situation), tuple(_reads(situation)), _UNREAD)) or _NO_WAY


def _update_with_made_up(situation: Situation) -> Plan:
    return tuple(_sent_with(_made_up(situation), tuple(_updates(situation))[:1])) or _NOTHING_HELD


def _with_another_password(situation: Situation) -> Plan:
    """An update and a read, and no more: two wrong passwords of a till lock it nowhere."""
    requests = [*list(_updates(situation))[:1], customer_request(situation.place)]
    return tuple(_sent_with([kind for kind in LOCKING[:1] if kind in situation.wrong_credentials], requests)) or _NO_WAY


def _with_every_wrong_password(situation: Situation) -> Plan:
    kinds = [kind for kind in LOCKING if kind in situation.wrong_credentials]
    return tuple(_sent_with(kinds, (*_updates(situation), *_reads(situation)))) or _NO_WAY


def _anonymously(asked: Callable[[Situation], Iterator[Request]]) -> Callable[[Situation], Plan]:
    """Return a plan that asks without credentials, on the connection that is kept and on new ones."""

    def plan(situation: Situation) -> Plan:
        requests = tuple(asked(situation))
        return (
            tuple(
                Step(request=request, expect=_UNDONE, anonymous=True, fresh=fresh)
                for request in requests
                for fresh in (False, True)
            )
            or _NOTHING_HELD
        )

    return plan


def _in_small_letters(situation: Situation) -> Plan:
    """Whoever can be given another scheme than Basic sends that."""
    if "scheme" not in situation.wrong_credentials:
        return _NO_WAY
    return (Step(request=customer_request(situation.place), expect=_READ, credentials=SMALL),)


def _of_nobody(situation: Situation) -> Plan:
    """Whether an id is anybody's is what credentials guard, too."""
    if not situation.unknown:
        return _NOBODY
    path = f"/v2/customers/{situation.unknown}"
    reads = (
        Request(method="GET", path=path, query=situation.place.query),
        loyalty_request(situation.unknown),
    )
    asked = reads if situation.state.has_programs else reads[:1]
    return tuple(Step(request=request, expect=_UNREAD, anonymous=True) for request in asked)


_NOBODY = Unfit("no id was found that the target does not have")
_NO_WAY = Unfit("the credentials of this run cannot go wrong in such a way")
_NOTHING_HELD = Unfit("the customer has no name that could be written back")


def _check(name: str, law: str, plan: Callable[[Situation], Plan], leave: Leave) -> Check:
    return Check(id=name, law=law, statements=("UPD-EX-4",), leave=leave, plan=plan, looks_at_programs=True)


CHECKS = (
    replace(
        _check("scheme-has-no-case", "The scheme Basic may be spelt in small letters", _in_small_letters, Leave.READS),
        grade=Grade.UNLIKE,
    ),
    _check(
        "every-read-needs-credentials",
        "Every kind of read without credentials is refused, on whatever connection",
        _anonymously(_reads),
        Leave.READS,
    ),
    _check(
        "nobody-is-told-of-without-credentials",
        "A read of a customer who is not there needs credentials as well",
        _of_nobody,
        Leave.READS,
    ),
    _check(
        "every-update-needs-credentials",
        "Every kind of update without credentials is refused and changes nothing, on whatever connection",
        _anonymously(_updates),
        Leave.WRITES,
    ),
    _check(
        "made-up-credentials-read-nothing",
        "A read with credentials that are made up is refused",
        _read_with_made_up,
        Leave.READS,
    ),
    _check(
        "made-up-credentials-update-nothing",
        "An update with credentials that are made up is refused and changes nothing",
        _update_with_made_up,
        Leave.WRITES,
    ),
    _check(
        "another-password-is-refused",
        "A till with another password is refused and changes nothing",
        _with_another_password,
        Leave.WRITES,
    ),
    _check(
        "no-wrong-password-is-taken",
        "A till with whatever wrong password is refused, whatever it asks for",
        _with_every_wrong_password,
        Leave.IRREVERSIBLE,
    ),
)
