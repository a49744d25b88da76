"""One request as text that can be copied: curl in a POSIX shell; `code_snippets` has other languages.

No credential is ever printed: a header that holds one becomes a variable of the shell. What could disturb a terminal or
a shell (control characters, text that changes its direction, bytes that are no text) goes through `printf`, as octal.
"""

import re
import shlex
from collections.abc import Iterator
from urllib.parse import quote, urlsplit, urlunsplit

from mockserver.exchange.secrecy import HIDDEN, is_secret_header
from mockserver.messages import Request

_MADE_BY_CURL = frozenset({"host", "content-length", "connection", "transfer-encoding"})
_LONGEST_ARGUMENT = (
    100_000  # Linux takes 128 KiB for one argument (MAX_ARG_STRLEN); printf is no program, so has no limit
)
_KEPT_IN_URL = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) != "#")
_NEXT_LINE = " \\\n  "


def as_curl(request: Request, base_url: str, *, credentials: str = "", anonymous: bool = False) -> str:
    """Return one command for a POSIX shell that sends a request.

    `credentials` is what to write as the value of `Authorization`; without it the variable `$AUTHORIZATION` stands
    there. A request that is `anonymous` goes without. `Host` and `Content-Length` are left to curl.
    """
    words = ["curl -i", *_method_of(request), *_switches_of(request), _url_of(request, base_url)]
    options = [f"-H {header}" for header in _headers_of(request, credentials, anonymous=anonymous)]
    if is_filler(request.body):
        return _NEXT_LINE.join([f"{_printed_filler(request.body)} | {' '.join(words)}", *options, "--data-binary @-"])
    if not request.body:
        return _NEXT_LINE.join([" ".join(words), *options])
    if _is_plain(request.body):
        return _NEXT_LINE.join([" ".join(words), *options, f"--data-raw {_quoted(request.body.decode())}"])
    return _NEXT_LINE.join([f"printf '{_octal(request.body)}' | {' '.join(words)}", *options, "--data-binary @-"])


def _method_of(request: Request) -> Iterator[str]:
    if request.method == "HEAD" and not request.body:  # with -X HEAD, curl would wait for a body
        yield "--head"
    elif request.method != "GET" or request.body:
        yield f"-X {shlex.quote(request.method)}"


def _switches_of(request: Request) -> Iterator[str]:
    """Keep curl from reading brackets as ranges, and from resolving dots; give it a target that is not a path."""
    if not _has_path(request):
        yield f"--request-target {shlex.quote(request.path)}"
    if any(sign in f"{request.path}{request.query}" for sign in "[]{}"):
        yield "--globoff"
    if "/." in request.path:
        yield "--path-as-is"


def _url_of(request: Request, base_url: str) -> str:
    base = urlsplit(base_url.rstrip("/"))
    root = urlunsplit(base._replace(netloc=base.netloc.rpartition("@")[2]))  # a password may stand before the @
    path = request.path if _has_path(request) else "/"
    target = f"{path}?{request.query}" if request.query else path
    return _quoted(root + quote(target.encode(errors="surrogatepass"), safe=_KEPT_IN_URL))


def _has_path(request: Request) -> bool:
    """Tell whether a request asks for a path, rather than for `*` or a host (RFC 9112 §3.2.3, §3.2.4)."""
    return request.path.startswith("/") or not request.path


def _headers_of(request: Request, credentials: str, *, anonymous: bool) -> Iterator[str]:
    named = {name.lower() for name in request.headers}
    if not anonymous and not any(is_secret_header(name) for name in named):
        yield _quoted(f"Authorization: {credentials}") if credentials else '"Authorization: $AUTHORIZATION"'
    for name, value in request.headers.items():
        if is_secret_header(name) or value == HIDDEN:
            yield _variable(name)
        elif name.lower() not in _MADE_BY_CURL:
            yield _text(f"{name}: {value}" if value.strip() else f"{name};")  # `name:` would take the header away
    if request.body and "content-type" not in named:
        yield "'Content-Type:'"


def _variable(name: str) -> str:
    """Write a header whose value only the shell knows."""
    word = re.sub("[^A-Za-z0-9-]", "", name)
    return f'"{word}: ${word.upper().replace("-", "_")}"'


def _text(text: str) -> str:
    return _quoted(text) if text.isprintable() else f"\"$(printf '{_octal(_bytes_of(text))}')\""


def _bytes_of(text: str) -> bytes:
    """Return the bytes that were read as this text; what was never bytes goes the way of UTF-16."""
    try:
        return text.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return text.encode(errors="surrogatepass")


def is_filler(body: bytes) -> bool:
    """Tell whether a body is one printable character over and over, too often to be written out."""
    return len(body) > _LONGEST_ARGUMENT and body == body[:1] * len(body) and _is_harmless(body[0])


def _printed_filler(body: bytes) -> str:
    blanks = f"printf '%{len(body)}s' ''"
    return blanks if body[:1] == b" " else f"{blanks} | tr ' ' {_quoted(body[:1].decode())}"


def _is_plain(body: bytes) -> bool:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return len(body) <= _LONGEST_ARGUMENT and text.replace("\n", "").replace("\t", "").isprintable()


def _quoted(text: str) -> str:
    r"""Quote always, so that commands look alike; `'\''` is how POSIX writes a quote within quotes."""
    return "'" + text.replace("'", "'\\''") + "'"


def _octal(body: bytes) -> str:
    """Write bytes for `printf` between single quotes (POSIX: backslash and three octal digits; % is its own sign).

    A hyphen at the start would begin an option.
    """
    written = "".join(chr(one) if _is_harmless(one) else f"\\{one:03o}" for one in body)
    return f"\\055{written[1:]}" if written.startswith("-") else written


def _is_harmless(one: int) -> bool:
    return 0x20 <= one < 0x7F and chr(one) not in "'\\%"
