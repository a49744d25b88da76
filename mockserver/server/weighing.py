"""How much memory an entry of the journal may keep alone, in bytes: estimated quickly, and rather too much.

Counted are what was sent and answered, and the customers that the answer was decided on and that it changed. They are
the store's as long as they are the present ones, and the journal's alone after that. Their audit is not counted: one
version shares it with the next, but for the newest entry. `tests/server/test_journal_memory.py` measures it.
"""

from collections.abc import Mapping

from msgspec.json import Encoder

from mockserver.domain.customer import Customer
from mockserver.exchange.passage import Loaded
from mockserver.messages import Request

_FIXED = 2_048  # the values of an entry, its id and times, the answer's headers
_HEADER = 128  # of a header that was sent, beside its text
_CUSTOMER = 1_024  # a customer's own values and the newest entry of its audit
_PART = 128  # a value within a customer, beside its text
_STORED = 4  # what is stored of a body stands in the customer and in its audit, too, as texts with heads of their own
_encode = Encoder().encode


def weigh(length: int, loaded: Loaded, *, is_changed: bool) -> int:
    """Return how many bytes an entry may keep; `length` is that of what was sent and answered."""
    size = 0
    for customer in loaded.values():
        if customer is not None:
            size += _weigh_customer(customer)
    return _FIXED + (2 * size + _STORED * length if is_changed else size + length)


def weigh_headers(headers: Mapping[str, str]) -> int:
    """Return how many bytes headers have."""
    return _HEADER * len(headers) + len("".join(headers)) + len("".join(headers.values()))


def weigh_request(request: Request) -> int:
    """Return how many bytes an entry may keep of a request that nothing was decided on."""
    sent = len(request.path) + len(request.query) + len(request.body)
    return _FIXED + weigh_headers(request.headers) + sent


def _weigh_customer(customer: Customer) -> int:
    parts = customer.profiles, customer.extended_fields, customer.enrolments
    try:
        written = _encode(parts)
    except (OverflowError, UnicodeEncodeError):  # an integer beyond 64 bits, half of a surrogate pair
        written = repr(parts).encode(errors="replace")
    return _CUSTOMER + 2 * len(written) + _PART * written.count(b",")
