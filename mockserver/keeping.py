"""What a run keeps in files: the before-image, one file per finding, and what a baseline has kept of an earlier run."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from mockserver.errors import ConfigurationError
from mockserver.files import read_report, write_text
from mockserver.values import replace
from mockserver.verification.campaign import Campaign
from mockserver.verification.findings import Finding, Grade, Key
from mockserver.verification.golden_writing import write_golden
from mockserver.verification.masking import Masker
from mockserver.verification.restoring import RESTORATION, RESTORED, BeforeImage
from mockserver.verification.state import State, split_channel
from mockserver.verification.target import Leave, Place
from mockserver.verification.wording import own

_MADE = {
    "word": "{word}",
    "email": "{made.email}",
    "mobile": "{made.mobile}",
    "local": "{made.local}",
    "externalId": "{made.externalId}",
}
_NAMED_PATHS = (
    "firstName",
    "lastName",
    "fields/",
    "identifiers/",
)  # within a profile, whose values a file may leave open


def read_baseline(baseline: Path | None) -> frozenset[Key]:
    """Return which findings a JSON report has, and which they explain, by what makes them one bug."""
    if baseline is None:
        return frozenset()
    found = [item for item in read_report(baseline)["findings"] if isinstance(item, dict)]
    explained = [one for item in found for one in item.get("explains", ()) if isinstance(one, dict)]
    return frozenset(_finding_of(item).key for item in (*found, *explained))


def _finding_of(item: dict[str, object]) -> Finding:
    """Read as much of a reported finding as says which bug it is."""
    check, statement, question = (str(item.get(name, "")) for name in ("check", "statement", "question"))
    try:
        grade = Grade(str(item.get("grade")))
        return Finding(grade=grade, check=check, phase="", promised="", came="", statement=statement, question=question)
    except ValueError as cause:
        raise ConfigurationError(f"--baseline holds a finding of no known grade: {item.get('grade')!r}") from cause


def save_image(image: BeforeImage, folder: Path | None) -> str:
    """Keep the before-image, which alone holds values in clear, where only its owner can read it."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = (folder or Path()) / f"mockserver-restore-{stamp}.yaml"
    place = next(iter(image.states), Place(customer=0))
    text = write_golden(RESTORATION, image.steps(), place=place, leave=Leave.WRITES)
    write_text(path, text, ConfigurationError, private=True)
    return str(path if path.is_absolute() or folder else f"./{path}")


def save_findings(findings: Sequence[Finding], folder: Path | None, masker: Masker, campaign: Campaign) -> None:
    """Write one file per finding, which `replay` sends again; for a failed restoration there is the before-image."""
    replayable = [finding for finding in findings if finding.check != RESTORED] if folder else []
    for number, finding in enumerate(replayable, start=1):
        name = f"{number:02}-{finding.grade}-{finding.question or finding.statement or finding.check}.yaml"
        write_text((folder or Path()) / name, _saved(finding, masker, campaign), ConfigurationError)


def _saved(told: Finding, masker: Masker, campaign: Campaign) -> str:
    """Return the text of a finding. What it made up, and what was read of its customer, is left open."""
    bench = campaign.bench
    unknown = f"/v2/customers/{bench.courier.unknown}"
    place = _place_of(told, bench.target.places)
    held = {text: opened for text, opened in _held_texts(campaign.image, place).items() if masker.value(text) != text}
    tokens = {text: f"HELD{at}HERE" for at, text in enumerate(held)}
    for token in tokens.values():
        masker.spare(token)
    finding = _standing_in(told, tokens)
    shown = masker.finding(finding)
    open_texts = {tokens[text]: placeholder for text, placeholder in held.items()}
    text = write_golden(
        str(masker.told(own(told.law)) or shown.promised),
        shown.steps,
        place=place,
        statements=[shown.statement] if shown.statement else [],
        questions=[shown.question] if shown.question else [],
        leave=_leave_of(finding, campaign) if _sends_the_same(finding, shown) else Leave.IRREVERSIBLE,
        came=str(masker.finding(told).came),
        grade=Grade.UNLIKE if shown.grade is Grade.UNLIKE else None,
        differs={shown.question: shown.answer, **bench.oracle.learnt} if shown.answer else {},
        open_texts={**open_texts, **_made_texts(finding, bench.fiction.made)},
    )
    return text.replace(f"path: {unknown}\n", "path: /v2/customers/{unknown}\n")  # an id is looked for anew


def _leave_of(finding: Finding, campaign: Campaign) -> Leave:
    leaves = {(phase.name, check.id): check.leave for phase in campaign.phases for check in phase.checks}
    writes = any(step.request.method == "PUT" for step in finding.steps)
    usual = campaign.bench.target.leave if writes else Leave.READS
    return leaves.get((finding.phase, finding.check), usual)


def _made_texts(finding: Finding, made: Mapping[str, str]) -> dict[str, str]:
    """Return what a finding's requests hold that was made up, the first of each kind, with its placeholder."""
    sent = " ".join(f"{step.request.query} {step.request.body.decode(errors='replace')}" for step in finding.steps)
    found: dict[str, str] = {}
    for text in sorted(made, key=len, reverse=True):  # an address before the word that stands in it
        placeholder = _MADE.get(made[text], "")
        if placeholder and text in sent and placeholder not in found.values():
            found[text] = placeholder
            sent = sent.replace(text, " ")
    return found


def _held_texts(image: BeforeImage | None, place: Place) -> dict[str, str]:
    """Return the texts that a customer held before the run, each with the placeholder that means it.

    Of channels the first of each kind has one.
    """
    known = image.states[place] if image is not None and place in image.states else State(customer=place.customer)
    held: dict[str, str] = {}
    for path, value in known.at(place).items():
        kind, _, channel = path.removeprefix("commChannels/").removesuffix("/primary").partition(":")
        if path.startswith("commChannels/") and path.endswith("/primary") and kind in ("mobile", "email"):
            placeholder = f"{{{kind}.value}}"
            held |= {} if placeholder in held.values() else {channel: placeholder}
        elif path.startswith(_NAMED_PATHS) and isinstance(value, str) and value:
            held.setdefault(value, f"{{state:{path}}}")
    return held


def _standing_in(finding: Finding, tokens: Mapping[str, str]) -> Finding:
    """Return a finding whose steps name what the customer holds as such: masked, it would be something else."""
    steps = tuple(
        replace(
            step,
            request=replace(step.request, body=_swapped_body(step.request.body, tokens)),
            expect=replace(
                step.expect, body=_swapped(step.expect.body, tokens), changes=_swapped(step.expect.changes, tokens)
            ),
        )
        for step in finding.steps
    )
    return replace(finding, steps=steps) if tokens else finding


def _swapped_body(body: bytes, tokens: Mapping[str, str]) -> bytes:
    try:
        value = json.loads(body)
    except ValueError:  # no JSON, or none at all: it is sent as it is
        return body
    swapped = _swapped(value, tokens)
    return body if swapped == value else json.dumps(swapped, ensure_ascii=False).encode()


def _swapped(value: Any, tokens: Mapping[str, str]) -> Any:  # Any: JSON
    """Put tokens in the place of whole texts, and of channels in paths such as `commChannels/email:a@b.c/primary`."""
    if isinstance(value, str):
        before, channel, behind = split_channel(value) or ("", value, "")
        return f"{before}{tokens.get(channel, channel)}{behind}"
    if isinstance(value, Mapping):
        return {_swapped(name, tokens): _swapped(inner, tokens) for name, inner in value.items()}
    return [_swapped(inner, tokens) for inner in value] if isinstance(value, list) else value


def _sends_the_same(finding: Finding, shown: Finding) -> bool:
    """Tell whether masking left the requests as they were; a masked address would be a channel of its own."""
    return [step.request for step in finding.steps] == [step.request for step in shown.steps]


def _place_of(finding: Finding, named: Sequence[Place]) -> Place:
    """Return the named place that the requests are about: the very one, else one of the customer, else the first."""
    asked = [place for step in finding.steps if (place := place_at(step.request.path, step.request.query))]
    customers = {place.customer for place in asked}
    near = (place for place in named if place.customer in customers)
    return next((place for place in asked if place in named), next(near, next(iter(named), Place(customer=0))))


def place_at(path: str, query: str) -> Place | None:
    """Return the place that a request names, None where it names no customer by number."""
    number = path.rpartition("/v2/customers/")[2].partition("/")[0]
    if not (number.isascii() and number.isdigit()):
        return None
    asked = parse_qs(query)
    source = next(iter(asked.get("source", ["INSTORE"])))
    return Place(customer=int(number), source=source, account=next(iter(asked.get("accountId", [])), None))
