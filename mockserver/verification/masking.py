"""Takes personal data and secrets out of everything that is reported.

Personal is what the campaign read from the target and told (`learn`), and whatever looks like an e-mail address or a
long number. Each becomes a pseudonym, keyed and cut short: equal values stay equal within a run, and none can be read
back. What the checker made up (`spare`) stays, so that findings replay. Secrets become `[hidden]`, in each form in
which they may travel, and nothing spares them.

The laws: nothing learnt or secret survives, however JSON or a URL writes it; masking twice is masking once. A learnt
text of one or two letters goes only where it is a whole value, for it would otherwise go from within every word.
"""

import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

from mockserver.exchange.secrecy import is_secret_header
from mockserver.messages import Request
from mockserver.values import replace
from mockserver.verification.expectation import MATCHERS, Mismatch
from mockserver.verification.findings import Finding, Step
from mockserver.verification.spans import (
    MOBILE,
    SHORTEST,
    Form,
    Span,
    bounded,
    finds,
    form_of,
    is_telling,
    joined,
    offsets,
    present,
)
from mockserver.verification.spellings import disguises, encodings, spellings
from mockserver.verification.state import split_channel
from mockserver.verification.wording import At, Heard, Held, Part, Wording, parts_of

HIDDEN = "[hidden]"
_MASKED = re.compile(r"masked-(?:mobile-)?[0-9a-f]{6}(?:@example\.invalid)?|\[hidden\]")
_NAME = r"""[^\s"'<>@,;:/?&=()\[\]{}\\%]"""
_LOOKS = (  # an address begins where a name begins: no other start is tried, which keeps the search linear
    re.compile(rf"(?<!{_NAME}){_NAME}+(?:@|%40){_NAME}+\.[^\W\d_]{{2,}}"),
    re.compile(r"(?<!\d)(?<!\d\.)\+?\d{7,}(?!\d)"),
)
# A string that is never closed is taken to its end, and left: no other start is tried there.
_JSON_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_JSON_SCALAR = re.compile(
    rf"(?P<name>{_JSON_STRING.pattern.removesuffix('?')}(?=\s*:))|{_JSON_STRING.pattern}"
    r"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?",
    re.DOTALL,
)
_URL_PART = re.compile(r"[^/?&=;]+")
_URL_JOINT = re.compile(r"([/?&=;])")
_ROUNDS = 4  # a pseudonym may join what stands beside it to something that looks like an address
_CUT = re.compile(r"(?<!\.)\.\.\.")
_PLACES = frozenset({"body", "state", "status", "code", "warnings", "header", "query", "path", "question", "programs"})
_OUR_HEADERS = frozenset({"content-type", "accept"})  # of a request; what they say is ours
_LONGEST_CUT = 250  # characters before a cut that are looked at


class Masker:
    """Masks values of one run; `key` makes its pseudonyms, `secrets` are hidden, `spared` stays in clear.

    The words of the contract belong to what is spared (`spellings.vocabulary`). With `keeps_personal` only secrets go.
    """

    def __init__(
        self,
        key: bytes,
        secrets: Iterable[str],
        spared: Iterable[str] = (),
        *,
        names: Iterable[str] = (),
        keeps_personal: bool = False,
    ) -> None:
        self._key = key
        self._keeps_personal = keeps_personal
        self._learnt: dict[str, str] = {}  # what was learnt, by each form of it
        self._where: dict[str, str] = {}  # what a pseudonym stands for, in words
        self._beginnings: dict[str, list[str]] = {}  # the same forms, by their first characters
        self._spared: set[str] = set()
        self._names = {*_PLACES, *names}
        self._personal_forms: list[Form] = []
        self._secret_forms: list[Form] = []
        for value in spared:
            self.spare(value)
        for secret in secrets:
            self.hide(secret)

    def learn(self, value: str, where: str = "") -> None:
        """Mask a text that was read from the target, from now on; `where` says in words what it is."""
        if where:
            for spelt in spellings(value):
                self._where.setdefault(self._pseudonym(spelt), where)
        for spelt in spellings(value):
            forms = encodings(spelt) - self._learnt.keys()
            self._learnt.update(dict.fromkeys(forms, spelt))
            for form in forms:
                self._beginnings.setdefault(form[:SHORTEST], []).append(form)
            self._personal_forms += [form_of(form, bounded(form)) for form in forms if is_telling(spelt)]

    def has_learnt(self, value: str) -> bool:
        """Tell whether a text was read from the target."""
        return value in self._learnt

    def spare(self, value: str) -> None:
        """Leave a text in clear that the checker made up, or was given."""
        self._spared |= encodings(value)

    def know(self, name: str) -> None:
        """Leave a name of a member or a parameter in clear where it stands as such."""
        self._names.add(name)

    def hide(self, secret: str) -> None:
        """Hide a secret, from now on, such as a token that was fetched in the course of the run."""
        if secret:
            self._secret_forms += [form_of(form, re.escape(form)) for form in disguises(secret)]

    def fillings(self, text: str) -> dict[str, str]:
        """Return what must be put in the place of each pseudonym of a masked text, in words."""
        found = dict.fromkeys(each[0] for each in _MASKED.finditer(text))
        return {word: self._where.get(word, "what the target holds there") for word in found if word != HIDDEN}

    def text(self, text: str) -> str:
        """Mask a text, and the JSON strings within it."""
        for _ in range(_ROUNDS):
            masked = self._mask_spans(_JSON_STRING.sub(self._mask_json, text))
            if masked == text:
                break
            text = masked
        return text

    def told(self, text: str) -> Wording:
        """Mask the values of a text that knows which they are, and search one that does not; our own words stay."""
        return Wording(self._mask_part(part) for part in parts_of(text))

    def _mask_part(self, part: Part) -> str:
        match part:
            case Held():
                return part.show(self.value(part.value))
            case At():
                return self.place(part.path)
            case Heard():
                return self.text(part.text)
            case _:
                return self._mask_spans(part, only_secrets=True)

    def place(self, path: str) -> str:
        """Mask a place, `commChannels/email:a@b.c/primary`: the value of a channel, and names that nobody knows."""
        channel = split_channel(path)
        if channel is not None:
            before, value, behind = channel
            return f"{before}{self.value(value)}{behind}"
        return "/".join(self._mask_step_of(step) for step in path.split("/"))

    def _mask_step_of(self, step: str) -> str:
        is_odd = self._learnt.get(step) == step or _LOOKS[0].fullmatch(step)
        return self.value(step) if is_odd and not (self._is_name(step) or step.isdigit()) else step

    def _is_name(self, text: str) -> bool:
        return text in self._names or text in MATCHERS

    def value(self, value: Any) -> Any:
        """Mask JSON; names of members stay where the contract, the organisation or the target has them."""
        if isinstance(value, str):
            return self._pseudonym(value) if self._is_personal(value) else self.text(value)
        if isinstance(value, Mapping):
            return {self._mask_name(name): self.value(inner) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self.value(inner) for inner in value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            masked = self.text(str(value))
            return value if masked == str(value) else masked
        return value

    def _mask_name(self, name: Any) -> Any:
        return name if isinstance(name, str) and self._is_name(name) else self.value(name)

    def request(self, request: Request) -> Request:
        """Mask a request, which loses the headers that hold credentials."""
        headers = {
            name: value if name in _OUR_HEADERS else self.text(value)
            for name, value in request.headers.items()
            if not is_secret_header(name)
        }
        path, query = self._mask_url(request.path), self._mask_url(request.query)
        return replace(request, path=path, query=query, headers=headers, body=self._mask_body(request.body))

    def finding(self, finding: Finding) -> Finding:
        """Mask all that a finding shows: what was promised, what came, and every step."""
        return replace(
            finding,
            promised=self.told(finding.promised),
            came=self.told(finding.came),
            wrong=tuple(self._mask_mismatch(one) for one in finding.wrong),
            explains=tuple(self.finding(one) for one in finding.explains),
            request_id=self._mask_spans(finding.request_id, looks=()),
            steps=tuple(self._mask_step(step) for step in finding.steps),
        )

    def _mask_mismatch(self, wrong: Mismatch) -> Mismatch:
        place, promised, came = self.place(wrong.place), self.told(wrong.promised), self.told(wrong.came)
        return replace(wrong, place=place, promised=promised, came=came, value=self.value(wrong.value))

    def _mask_step(self, step: Step) -> Step:
        changes = {self.place(path): self.value(pattern) for path, pattern in (step.expect.changes or {}).items()}
        is_open = step.expect.changes is None
        expect = replace(step.expect, body=self.value(step.expect.body), changes=None if is_open else changes)
        return replace(step, request=self.request(step.request), expect=expect)

    def _mask_json(self, found: re.Match[str]) -> str:
        """Mask a JSON string, or a number, and leave it as it was written if there was nothing to mask."""
        value = _read_json(found[0])
        masked = self._mask_name(value) if found.re is _JSON_SCALAR and found["name"] else self.value(value)
        return found[0] if masked == value else json.dumps(masked, ensure_ascii="\\u" in found[0])

    def _mask_body(self, body: bytes) -> bytes:
        """Mask a body scalar by scalar, so that JSON stays JSON, however often a name stands in it."""
        text = body.decode(errors="surrogateescape")
        is_json = _read_json(text) is not None
        masked = _JSON_SCALAR.sub(self._mask_json, text) if is_json else self.text(text)
        return masked.encode(errors="surrogateescape")

    def _mask_url(self, text: str) -> str:
        """Mask the values of a path or a query; its names stay, and end what is searched as one text."""
        parts = _URL_JOINT.split(_URL_PART.sub(self._mask_url_part, text))
        runs = ((is_name, "".join(run)) for is_name, run in groupby(parts, self._names.__contains__))
        return "".join(run if is_name else self.text(run) for is_name, run in runs)

    def _mask_url_part(self, found: re.Match[str]) -> str:
        if found[0] in self._names:
            return found[0]
        for plain in (unquote(found[0]), unquote_plus(found[0])):
            masked = self.value(plain)
            if masked != plain:
                return quote(masked.encode(errors="surrogatepass"), safe="@[]")
        return found[0]

    def _mask_spans(self, text: str, looks: tuple[re.Pattern[str], ...] = _LOOKS, *, only_secrets: bool = False) -> str:
        """Replace each stretch of overlapping finds by one word."""
        parts, done = [], 0
        found = self._spans(text, looks, only_secrets=only_secrets or self._keeps_personal)
        for span in joined(found):
            word = HIDDEN if span.is_secret else self._pseudonym(text[span.start : span.end])
            parts += [text[done : span.start], word]
            done = span.end
        return "".join((*parts, text[done:]))

    def _spans(self, text: str, looks: tuple[re.Pattern[str], ...], *, only_secrets: bool) -> Iterator[Span]:
        """Give what must go. What stands wholly within a pseudonym, or within something spared, need not."""
        safe = [Span(*found.span()) for found in _MASKED.finditer(text)]
        for span in finds(present(self._secret_forms, text), text):
            if not any(one.holds(span) for one in safe):
                yield replace(span, is_secret=True)
        if only_secrets:
            return
        for span in (*finds((*present(self._personal_forms, text), *looks), text), *self._cut_spans(text)):
            if not any(one.holds(span) for one in safe) and not self._is_spared(text, span):
                yield span

    def _cut_spans(self, text: str) -> Iterator[Span]:
        """Find the beginnings of learnt texts before `...`, where a message was cut."""
        for found in _CUT.finditer(text):
            end = found.start()
            for start in range(max(0, end - _LONGEST_CUT), end - SHORTEST + 1):
                candidates = self._beginnings.get(text[start : start + SHORTEST], ())
                if any(learnt.startswith(text[start:end]) for learnt in candidates):
                    yield Span(start, end)

    def _is_spared(self, text: str, span: Span) -> bool:
        found = text[span.start : span.end]
        return found in self._spared or any(
            text.startswith(spared, span.start - offset)
            for spared in self._spared
            if found in spared
            for offset in offsets(found, spared)
            if offset <= span.start
        )

    def _is_personal(self, text: str) -> bool:
        return not self._keeps_personal and self._learnt.get(text) == text and text not in self._spared

    def _pseudonym(self, text: str) -> str:
        plain = self._learnt.get(text, text)
        digest = hmac.digest(self._key, plain.encode(errors="surrogatepass"), "sha256").hex()[:6]
        if "@" in plain or "%40" in plain:
            return f"masked-{digest}@example.invalid"
        return f"masked-mobile-{digest}" if MOBILE.fullmatch(plain) else f"masked-{digest}"


def _read_json(text: str) -> Any:
    """Read JSON, or return None."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
