"""Write the pages that are made from files: `make docs`."""

from pathlib import Path

from mockserver.atlas import errors_page, read_atlas
from mockserver.files import read_questions, read_statements
from mockserver.trace import questions_page, statements_page

DOCS = Path(__file__).parent


def main() -> None:
    """Write docs/statements.md, docs/questions.md and docs/errors.md."""
    statements = read_statements()
    (DOCS / "statements.md").write_text(statements_page(statements), encoding="utf-8")
    (DOCS / "errors.md").write_text(errors_page(read_atlas()), encoding="utf-8")
    (DOCS / "questions.md").write_text(questions_page(read_questions(), statements), encoding="utf-8")


if __name__ == "__main__":
    main()
