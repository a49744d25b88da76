"""A dialect that was learnt, in the form that `--dialect` takes: printed when a check ends, and kept where asked."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

import yaml

from mockserver.errors import ConfigurationError, DialectError
from mockserver.files import expand, read_dialect, read_dialects, write_text
from mockserver.reporting.view import legible
from mockserver.verification.bench import Bench
from mockserver.verification.events import CampaignDone, CheckDone, Event
from mockserver.verification.learning import Learnt, learn

_WIDTH = 100
_NOTHING = "no answer to an open question was learnt"


def show_learnt(learnt: Learnt, name: str, mask: Callable[[str], str]) -> str:
    """Return a dialect as YAML, in the form that `--dialect` takes."""
    document = {
        "name": name,
        "answers": dict(learnt.answers),
        "unknown": {question: str(legible(mask(lacking))) for question, lacking in learnt.unknown.items()},
        "evidence": {question: list(checks) for question, checks in learnt.evidence.items()},
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=_WIDTH)


def require_dialect_place(path: Path) -> None:
    """Refuse a path that cannot be written, or where something stands that is no dialect; what stands there stays."""
    if not expand(path).exists():
        write_text(path, "answers: {}\n", ConfigurationError)
        return
    try:
        read_dialect(read_dialects(), path)
    except DialectError as cause:
        raise ConfigurationError(f"{path}: is there, and is no dialect; give another path ({cause})") from cause


@dataclass(slots=True, kw_only=True)
class Learner:
    """Follows a campaign; when it is over, prints what was learnt to `stream`, and keeps it at `path`."""

    bench: Bench
    stream: TextIO
    mask: Callable[[str], str]
    path: Path | None = None
    _checks: dict[tuple[str, str], CheckDone] = field(default_factory=dict)

    def on(self, event: Event) -> None:
        """Take an event in; the last one ends it."""
        match event:
            case CheckDone():
                self._checks[event.phase, event.check] = event
            case CampaignDone():
                self._tell(learn(self.bench.oracle, self.bench.held, self.bench.judge.sightings, self._listed))
            case _:
                pass

    @property
    def _listed(self) -> Sequence[CheckDone]:
        return tuple(self._checks.values())

    def _tell(self, learnt: Learnt) -> None:
        name = (urlsplit(self.bench.target.name).hostname or "mock").replace(":", "-")
        text = show_learnt(learnt, self.path.stem if self.path else name, self.mask)
        self.stream.writelines(f"{line}\n" for line in _block(learnt, text))
        self.stream.flush()
        if self.path is not None:
            write_text(self.path, text, ConfigurationError)


def _block(learnt: Learnt, text: str) -> Iterator[str]:
    yield ""
    if not learnt.answers:
        yield _NOTHING
        return
    yield f"# learnt: {len(learnt.answers)} answers; a file for --dialect, which --save-dialect FILE writes"
    yield from text.rstrip().splitlines()
