"""An entry of the atlas as text to copy and run: curl commands, a pytest test, JavaScript.

What needs another answer to a question sets that first and our answer again afterwards, so that nothing stays; a code
that is not earned, or not in that language, is forced instead, and the text says so.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from mockserver.atlas.entries import CREDENTIALS, AtlasEntry, Earned
from mockserver.exchange.code_snippets import PYTEST_IMPORTS, as_fetch, as_pytest, can_fetch
from mockserver.exchange.secrecy import is_secret_header
from mockserver.exchange.snippets import as_curl
from mockserver.messages import Request
from mockserver.values import replace

_DIALECT = "/_mock/dialect"


def as_copied(entries: Iterable[AtlasEntry], language: str, url: str) -> str:
    """Return what earns these codes, in turn: `language` is one of LANGUAGES, `url` the base address of the mock."""
    texts = [LANGUAGES[language](entry, url) for entry in entries]
    if language == "pytest":
        return "\n\n".join([PYTEST_IMPORTS, *texts])
    return "\n".join(texts)


def _curl(entry: AtlasEntry, url: str) -> str:
    way, note = _way_of(entry)
    request = _curl_of(way.request, url, anonymous=way.is_anonymous)
    return "\n".join(_lines("#", note, _set_by_curl(way.answers, url), request, _set_by_curl(way.ours, url)))


def _curl_of(request: Request, url: str, *, anonymous: bool) -> str:
    return as_curl(_without_credentials(request), url, credentials=CREDENTIALS, anonymous=anonymous)


def _set_by_curl(answers: Mapping[str, str], url: str) -> str:
    """A silent command; the address of the control plane needs no credentials."""
    command = as_curl(_setting_of(answers), url, anonymous=True)
    return command.replace("curl -i ", "curl -sS -o /dev/null ", 1) if answers else ""


def _pytest(entry: AtlasEntry, _: str) -> str:
    way, note = _way_of(entry)
    name = entry.name.replace("-", "_")
    return as_pytest(
        _without_credentials(way.request),
        f"test_code_{name}",
        doc=note,
        status=entry.status,
        code=entry.code,
        is_warning=entry.is_warning,
        answers=way.answers,
        anonymous=way.is_anonymous,
    )


def _fetch(entry: AtlasEntry, url: str) -> str:
    way, note = _way_of(entry)
    if not can_fetch(way.request):
        way, note = _forced_way(entry), f"{entry.name}: fetch may not send this, so it is forced"
    request = as_fetch(_without_credentials(way.request), url, credentials=CREDENTIALS, anonymous=way.is_anonymous)
    return "\n".join(_lines("//", note, _set_by_fetch(way.answers, url), request, _set_by_fetch(way.ours, url)))


def _set_by_fetch(answers: Mapping[str, str], url: str) -> str:
    return as_fetch(_setting_of(answers), url, anonymous=True, is_silent=True) if answers else ""


def _way_of(entry: AtlasEntry) -> tuple[Earned, str]:
    """Return the way to a code, and a note on it in one line."""
    if entry.earned is not None:
        return entry.earned, f"{entry.name}: {entry.earned.title}"
    return _forced_way(entry), f"{entry.name} is not earned, so it is forced. {entry.unearned.rstrip('.')}"


def _forced_way(entry: AtlasEntry) -> Earned:
    forced = entry.forced
    return Earned(title="", request=forced.request, answers=forced.answers, ours=forced.ours)


def _setting_of(answers: Mapping[str, str]) -> Request:
    body = json.dumps(dict(answers)).encode()
    return Request(method="PUT", path=_DIALECT, headers={"content-type": "application/json"}, body=body)


def _without_credentials(request: Request) -> Request:
    """The languages write credentials in their own way."""
    kept = {name: value for name, value in request.headers.items() if not is_secret_header(name)}
    return replace(request, headers=kept)


def _lines(mark: str, note: str, *commands: str) -> Iterable[str]:
    return [f"{mark} {note}", *filter(None, commands)]


LANGUAGES: Mapping[str, Callable[[AtlasEntry, str], str]] = MappingProxyType(
    {"curl": _curl, "pytest": _pytest, "fetch": _fetch}
)
