"""An answer's bytes, read strictly: what a lenient client overlooks, and the next client does not.

RFC 9112 says how a message is framed, RFC 9110 what its headers mean, RFC 8259 what JSON is. All of it is about one
statement, that JSON goes over the wire and says so, whichever answer it shows in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from mockserver.contract import Violation, read_json
from mockserver.verification.exchanges import Exchange, header, unpacked
from mockserver.verification.expectation import Kind, Mismatch
from mockserver.verification.findings import Grade
from mockserver.verification.wire import Wire
from mockserver.verification.wording import own

_JSON = "UPD-EX-3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """A broken promise of form: where, how grave, and the statement that it is about, empty where there is none."""

    mismatch: Mismatch
    grade: Grade
    statement: str = ""


def flaws_of_bytes(exchange: Exchange) -> Iterator[Flaw]:
    """Give what is wrong with how an answer that holds JSON was written: its type, its frame, its JSON."""
    yield from _flaws_of_type(exchange)
    if exchange.wire is not None:
        yield from _flaws_of_frame(exchange.wire)
    yield from _flaws_of_encoding(exchange)
    read = read_json(unpacked(exchange.response.body))
    if isinstance(read, Violation):
        yield _flaw("wire/body", "one JSON value in UTF-8, each member once (RFC 8259)", f"it {read.problem}")


def _flaws_of_type(exchange: Exchange) -> Iterator[Flaw]:
    place, sent = "header/Content-Type", header(exchange.response.headers, "Content-Type")
    read = Message()
    read["Content-Type"] = sent
    if not sent or read.get_content_type() != "application/json":
        yield _flaw(place, "application/json", sent or own("none"))
    elif read.get_content_charset("utf-8") not in ("utf-8", "utf8"):
        yield _flaw(place, "UTF-8, in which JSON is sent (RFC 8259 §8.1)", sent)
    twice = () if exchange.wire is None else exchange.wire.all("Content-Type")
    if len(twice) > 1:
        yield _flaw(place, "one line of it (RFC 9110 §5.3)", " and ".join(twice))


def _flaws_of_frame(wire: Wire) -> Iterator[Flaw]:
    if wire.missing:
        yield _flaw("wire/length", "as many bytes as Content-Length says", own(f"{wire.missing} fewer"))
    elif not wire.is_ended:
        yield _flaw("wire/length", "a last chunk (RFC 9112 §7.1)", own("the connection's end"))
    if wire.surplus:
        yield _flaw("wire/length", "nothing behind the end of the answer", own(f"{wire.surplus} bytes"))


def _flaws_of_encoding(exchange: Exchange) -> Iterator[Flaw]:
    place, said = "header/Content-Encoding", header(exchange.response.headers, "Content-Encoding")
    is_packed = unpacked(exchange.response.body) != exchange.response.body
    if is_packed or said.strip().lower() not in ("", "identity"):
        yield _flaw(
            place, "none, since none was asked for (RFC 9110 §12.5.3)", said or own("gzip, and it does not say so")
        )


def _flaw(place: str, promised: str, came: str) -> Flaw:
    wrong = Mismatch(place=place, promised=own(promised), came=came, kind=Kind.FORM)
    return Flaw(mismatch=wrong, grade=Grade.UNLIKE, statement=_JSON)
