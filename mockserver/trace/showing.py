"""The thread as a person or a program reads it: a table, JSON, and the two pages of the documents."""

from collections.abc import Iterable
from dataclasses import asdict

import orjson
from msgspec import structs

from mockserver.exchange.dialects import Question, Questions
from mockserver.files import Statement
from mockserver.trace.thread import Thread

_GENERATED = "<!-- Made by `make docs` from {source}; change that instead. -->\n"
_CONTRACT = "../openapi/customers.yaml"
_SEEN = ("seen",)


def show_table(thread: Thread) -> str:
    """Return one line per statement, then what is broken and what is not checked; and what a campaign saw, if any."""
    head = ("statement", "kind", "contract", "rules", "questions", "checks", *_SEEN[: bool(thread.observed)], "says")
    rows: list[tuple[str, ...]] = [head, *(_row_of(statement, thread) for statement in thread.statements)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head) - 1)]
    lines = [
        "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1])) for row in rows
    ]
    lines.append("")
    lines += [f"BROKEN {one}" for one in thread.breaks]
    lines.append(
        f"{len(thread.statements)} statements, {len(thread.breaks)} broken, {len(thread.gaps)} not checked yet"
    )
    return "\n".join(lines)


def _row_of(statement: Statement, thread: Thread) -> tuple[str, ...]:
    counts = [len(statement.contract), len(statement.rules), len(statement.questions), len(statement.checks)]
    shown = (statement.id, statement.kind, *(str(count or "-") for count in counts))
    if not thread.observed:
        return (*shown, statement.says)
    seen = thread.observed.get(statement.id)
    reason = f" ({seen.reason})" if seen is not None and seen.reason else ""
    return (*shown, seen.verdict if seen is not None else "-", f"{statement.says}{reason}")


def show_json(thread: Thread) -> str:
    """Return the whole thread: every statement with what carries it, breaks, gaps, and what a campaign saw."""
    return orjson.dumps(asdict(thread), default=structs.asdict, option=orjson.OPT_INDENT_2).decode()


def statements_page(statements: tuple[Statement, ...]) -> str:
    """Return docs/statements.md."""
    lines = [
        "# What the page says\n",
        _GENERATED.format(source="openapi/statements"),
        "Each sentence, row and example of the vendor's page, in our words, and what carries it: places of "
        f"[the contract]({_CONTRACT}), rules of the code, [questions](questions.md) that it leaves open, and the "
        "number of [checks](checking.md) that observe it on any deployment. "
        "`mockserver trace` follows every one of them and fails where the thread is broken.\n",
        "| statement | where | kind | what it says | carried by |",
        "|---|---|---|---|---|",
        *(_statement_row(statement) for statement in statements),
    ]
    return "\n".join(lines) + "\n"


def _statement_row(statement: Statement) -> str:
    carriers = [*(f"`#{place}`" for place in statement.contract), *(f"`{name}`" for name in statement.rules)]
    carriers += [f"[{name}](questions.md#{name})" for name in statement.questions]
    carriers += [f"{len(statement.checks)} checks"] if statement.checks else []
    cells = (statement.id, statement.place, statement.kind, statement.says, "<br>".join(carriers) or "—")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def questions_page(questions: Questions, statements: tuple[Statement, ...]) -> str:
    """Return docs/questions.md."""
    lines = [
        "# What the page leaves open\n",
        _GENERATED.format(source="openapi/questions"),
        "Each question with its possible answers. **Ours** is the answer of the documented dialect; "
        "[how to switch it](limits.md#how-to-switch-an-answer).\n",
    ]
    for question in questions.values():
        lines += [*_question_lines(question, [one.id for one in statements if question.id in one.questions]), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _question_lines(question: Question, statements: Iterable[str]) -> list[str]:
    raised = ", ".join(statements)
    where = f" Raised by {raised}." if raised else ""
    return [
        f"## {question.id}\n",
        f"{question.asks}{where}\n",
        "| answer | means |",
        "|---|---|",
        *(_answer_row(question, answer) for answer in question.answers),
        "",
        f"Known: {question.evidence}\n",
        f"Ours is `{question.ours}`, {question.basis}: {question.reason}",
    ]


def _answer_row(question: Question, answer: str) -> str:
    notes = ["**ours**"] if answer == question.ours else []
    notes += ["not implemented"] if answer in question.unimplemented else []
    notes += ["changes the contract"] if question.contract.get(answer) else []
    note = f" ({', '.join(notes)})" if notes else ""
    return f"| `{answer}`{note} | {question.answers[answer]} |"
