"""Golden exchanges from their files: those that come with the package, or any that are given."""

from collections.abc import Sequence
from pathlib import Path

from mockserver.domain.record import RecordProblem
from mockserver.errors import ExchangeError
from mockserver.exchange.dialects import misanswers
from mockserver.files import Document, bundled, line_at, read_documents, read_questions, read_statements
from mockserver.values import replace
from mockserver.verification.golden import GoldenExchange
from mockserver.verification.golden_reading import read_golden


def read_golden_exchanges(paths: Sequence[Path] | None = None) -> tuple[GoldenExchange, ...]:
    """Read the bundled golden exchanges, or those of files and folders; a problem is said as `FILE:LINE: …; cure`."""
    documents = read_documents([bundled("fixtures", "exchanges")] if paths is None else paths, ExchangeError)
    statements = frozenset(statement.id for statement in read_statements())
    questions = read_questions()
    read: dict[str, GoldenExchange] = {}
    for document in documents:
        name = document.path.stem
        if name in read:
            raise ExchangeError(f"{document.path}:1: another exchange is named {name} too; rename one of the files")
        golden = read_golden(document.record, name, statements=statements, questions=frozenset(questions))
        if isinstance(golden, RecordProblem):
            raise _error_of(document, golden)
        misanswer = next(misanswers(golden.answers, questions), None)
        if misanswer is not None:
            raise _error_of(document, replace(misanswer, path=("answers", *misanswer.path)))
        read[name] = golden
    return tuple(read.values())


def _error_of(document: Document, problem: RecordProblem) -> ExchangeError:
    line = line_at(document, problem.path, ExchangeError)
    return ExchangeError(f"{document.path}:{line}: {problem}")
