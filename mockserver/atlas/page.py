"""docs/errors.md, made of the atlas."""

import json
from collections.abc import Iterator, Mapping, Sequence

from mockserver.atlas.copying import as_copied
from mockserver.atlas.entries import AtlasEntry, Earned
from mockserver.atlas.showing import count_words, show_request

_URL = "http://127.0.0.1:8080"
_TOP = """\
# Errors and warnings

<!-- Made by `make docs` from openapi/customers.yaml and fixtures/errors; change those instead. -->

Every code that an update or one of the two reads can meet: its text, what that rests on, the smallest request that \
earns it from the mock with its demo world, or why none does, and how to force it. The requests are \
[golden exchanges](../fixtures/errors), and run in CI.

`mockserver errors` prints them as a table, `mockserver errors 8018` one code, and `mockserver errors 8018 --as curl` \
what you can paste: `curl`, `pytest` (a test for the fixture `customer_api`) or `fetch` (for a browser's console, or a \
module of Node). `--url` says where the mock is, `--format json` is for programs, and `GET /_mock/errors` serves the \
same.

## Five ways to get an error

1. **Earn it.** Send what is wrong; each code below says how. `X-Mock-Basis` and `X-Mock-Why` say why it came.
2. **Ask for it** in a header of the request: `Prefer: code=8018`, or `Prefer: example=8057-error` where a code is \
published as an error and as a warning.
3. **Use a reserved customer**, where you cannot set headers: the id is 900000000 and the code, so `900008018`.
4. **Make a rule**: `POST /_mock/faults` with `{"do": {"answer": {"code": 521}}, "times": 2}` gives it to the next \
two requests, whoever sends them.
5. **Switch on a preset**: `POST /_mock/faults` with `{"preset": "maintenance"}`. There are `maintenance`, `slow`, \
`flaky`, `throttled` and `expired-credentials`.

Whichever way an error comes, it is the same to the byte, but for texts that name something. A forced warning is the \
200 of that customer with that warning, and changes nothing. What was not earned says `forced` in `X-Mock-Basis`. The \
first three ways last for one request; a rule lasts as long as its `times` or `ttl` says, or until you delete it. A \
code or a name that is not there is refused with 400, and `X-Mock-Why` names the nearest.

Where a code needs another answer to an [open question](questions.md) than ours, the commands set that answer first, \
and ours again afterwards.

## All codes

| code | HTTP | text | basis | |
|---|---|---|---|---|
"""


def errors_page(entries: Sequence[AtlasEntry]) -> str:
    """Return docs/errors.md; each command in it is followed by what it prints."""
    rows = [_row_of(entry) for entry in entries]
    return (
        _TOP
        + "\n".join(
            [*rows, "", f"{count_words(entries)}.\n", *("\n".join(_section_of(entry)) for entry in entries)]
        ).rstrip("\n")
        + "\n"
    )


def _row_of(entry: AtlasEntry) -> str:
    earned = entry.earned
    way = "forced only" if earned is None else "earned where another answer stands" if earned.answers else "earned"
    return f"| [{entry.name}](#{entry.name}) | {entry.status} | {_in_table(entry.message)} | {entry.basis} | {way} |"


def _in_table(text: str) -> str:
    return text.replace("|", "\\|")


def _section_of(entry: AtlasEntry) -> Iterator[str]:
    kind = "warning" if entry.is_warning else "error"
    yield f"### {entry.name}\n"
    yield f"> {entry.message}\n"
    yield f"{entry.summary}: {kind} {entry.code} with HTTP {entry.status}, {entry.basis}. {entry.description}\n"
    if entry.earned is None:
        yield f"**Not earned.** {entry.unearned}\n"
    else:
        yield from _earned_lines(entry, entry.earned)
    yield f"Forced by {_forced_words(entry)}.\n"


def _earned_lines(entry: AtlasEntry, earned: Earned) -> Iterator[str]:
    """The commands of the atlas, without the headers of the answer; the last of them, if any, sets our answer again."""
    yield f"{earned.title}: `{show_request(earned)}`\n"
    *before, request = _commands_of(entry)[: 2 if earned.answers else 1]
    yield from ("```sh", *before, request.replace("curl -i ", "curl ", 1), "```\n")
    yield from ("```json", json.dumps(_body_of(entry, earned), ensure_ascii=False, separators=(",", ":")), "```\n")
    yield from ("```sh", _commands_of(entry)[-1], "```\n") if earned.answers else ()


def _commands_of(entry: AtlasEntry) -> list[str]:
    """Return the commands of an entry one by one, without the note before them."""
    text = as_copied([entry], "curl", _URL).partition("\n")[2]
    joined: list[str] = []
    for line in text.split("\n"):
        if joined and joined[-1].endswith("\\"):
            joined[-1] += f"\n{line}"
        else:
            joined.append(line)
    return joined


def _body_of(entry: AtlasEntry, earned: Earned) -> Mapping[str, object]:
    return {**entry.value, "createdId": earned.customer} if "createdId" in entry.value else entry.value


def _forced_words(entry: AtlasEntry) -> str:
    forced = entry.forced
    by_id = "" if forced.customer is None else f", or with the customer id `{forced.customer}`"
    where = "".join(f", where `{question}` is `{answer}`" for question, answer in forced.answers.items())
    operations = ", ".join(f"`{name}`" for name in entry.operations)
    return f"`Prefer: {forced.prefer}`{by_id}{where}, of {operations}"
