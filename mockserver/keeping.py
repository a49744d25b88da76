"""What a run keeps in files: the before-image, one file per finding, and what a baseline has kept of an earlier run."""

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
from mockserver.verification.target import Leave, Place

# What a saved finding calls a channel that the customer holds, and the placeholder of golden exchanges that means it.
_TOKENS = {"HELDMOBILE": "{mobile.value}", "HELDEMAIL": "{email.value}"}


def read_baseline(baseline: Path | None) -> frozenset[Key]:
    """Return which findings a JSON report has, by what makes them one bug."""
    if baseline is None:
        return frozenset()
    found = read_report(baseline)["findings"]
    return frozenset(_finding_of(item).key for item in found if isinstance(item, dict))


def _finding_of(item: dict[str, object]) -> Finding:
    """Read as much of a reported finding as says which bug it is."""
    check, statement, question = (str(item.get(name, "")) for name in ("check", "statement", "question"))
    try:
        grade = Grade(str(item.get("grade")))
        return Finding(grade=grade, check=check, phase="", promised="", came="", statement=statement, question=question)
    except ValueError as cause:
        raise ConfigurationError(f"--baseline holds a finding of no known grade: {item.get('grade')!r}") from cause


def save_image(image: BeforeImage, folder: Path | None, masker: Masker) -> str:
    """Keep the before-image, which alone holds values in clear, where only its owner can read it."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = (folder or Path()) / f"mockserver-restore-{stamp}.yaml"
    place = next(iter(image.states), Place(customer=0))
    text = write_golden(RESTORATION, image.steps(), place=place, leave=Leave.WRITES)
    write_text(path, text, ConfigurationError, private=True)
    told = str(path if path.is_absolute() or folder else f"./{path}")
    masker.spare(told)  # its time is no mobile number
    return told


def save_findings(findings: Sequence[Finding], folder: Path | None, masker: Masker, campaign: Campaign) -> None:
    """Write one file per finding, which `replay` sends again; for a failed restoration there is the before-image."""
    target, unknown = campaign.bench.target, f"/v2/customers/{campaign.bench.courier.unknown}"
    leaves = {(phase.name, check.id): check.leave for phase in campaign.phases for check in phase.checks}
    replayable = [finding for finding in findings if finding.check != RESTORED] if folder else []
    for token in _TOKENS:
        masker.spare(token)
    for number, told in enumerate(replayable, start=1):
        place = _place_of(told, target.places)
        finding = _standing_in(told, _held_channels(campaign.image, place))
        shown = masker.finding(finding)
        name = f"{number:02}-{finding.grade}-{finding.question or finding.statement or finding.check}.yaml"
        writes = any(step.request.method == "PUT" for step in finding.steps)
        leave = leaves.get((finding.phase, finding.check), target.leave if writes else Leave.READS)
        text = write_golden(
            f"{shown.promised}",
            shown.steps,
            place=place,
            statements=[shown.statement] if shown.statement else [],
            questions=[shown.question] if shown.question else [],
            leave=leave if _sends_the_same(finding, shown) else Leave.IRREVERSIBLE,
            came=shown.came,
        )
        text = text.replace(f"path: {unknown}\n", "path: /v2/customers/{unknown}\n")  # an id is looked for anew
        for token, placeholder in _TOKENS.items():
            text = text.replace(f": {token}\n", f': "{placeholder}"\n').replace(token, placeholder)
        write_text((folder or Path()) / name, text, ConfigurationError)


def _held_channels(image: BeforeImage | None, place: Place) -> dict[str, str]:
    """Return the tokens that stand for the values of a profile's channels: the first of each kind that has one."""
    held: dict[str, str] = {}
    known = image.states[place].at(place) if image is not None and place in image.states else {}
    for path in known:
        kind, _, value = path.removeprefix("commChannels/").removesuffix("/primary").partition(":")
        token = f"HELD{kind.upper()}"
        if path.startswith("commChannels/") and path.endswith("/primary") and token in _TOKENS:
            held = {value: token, **held} if token not in held.values() else held
    return held


def _standing_in(finding: Finding, held: Mapping[str, str]) -> Finding:
    """Return a finding whose steps name the customer's channels as such: masked, they would be others."""
    steps = tuple(
        replace(
            step,
            request=replace(step.request, body=_swapped_bytes(step.request.body, held)),
            expect=replace(
                step.expect, body=_swapped(step.expect.body, held), changes=_swapped(step.expect.changes, held)
            ),
        )
        for step in finding.steps
    )
    return replace(finding, steps=steps) if held else finding


def _swapped_bytes(body: bytes, swaps: Mapping[str, str]) -> bytes:
    for text, token in swaps.items():
        body = body.replace(text.encode(), token.encode())
    return body


def _swapped(value: Any, swaps: Mapping[str, str]) -> Any:  # Any: JSON
    if isinstance(value, str):
        for text, token in swaps.items():
            value = value.replace(text, token)
        return value
    if isinstance(value, Mapping):
        return {_swapped(name, swaps): _swapped(inner, swaps) for name, inner in value.items()}
    return [_swapped(inner, swaps) for inner in value] if isinstance(value, list) else value


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
