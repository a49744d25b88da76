"""One request in, one answer out. Nothing here waits, reads a clock or touches a socket."""

from mockserver.exchange.admitting import CONTINUE, unmet
from mockserver.exchange.negotiation import CODINGS, read_coding
from mockserver.exchange.passage import Load
from mockserver.exchange.pending import Pending, read
from mockserver.exchange.rendering import refuse, text_header
from mockserver.exchange.reply import Auth, Reply, Setting
from mockserver.exchange.respond import respond

__all__ = [
    "CODINGS",
    "CONTINUE",
    "Auth",
    "Load",
    "Pending",
    "Reply",
    "Setting",
    "read",
    "read_coding",
    "refuse",
    "respond",
    "text_header",
    "unmet",
]
