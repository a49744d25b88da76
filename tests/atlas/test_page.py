"""Laws of docs/errors.md. That its commands print what it shows is a law of tests/docs."""

import re
from pathlib import Path

from mockserver.atlas import errors_page
from tests.atlas.earning import ATLAS

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == errors_page(ATLAS), "run make docs"


def test_the_page_has_a_section_for_every_code_and_five_ways_before() -> None:
    page = errors_page(ATLAS)

    assert re.findall(r"^### (.*)$", page, re.MULTILINE) == [entry.name for entry in ATLAS]
    assert len(re.findall(r"^[1-5]\. \*\*", page[: page.index("## All codes")], re.MULTILINE)) == 5
    assert page.count("**Not earned.**") == sum(entry.earned is None for entry in ATLAS)
    assert all(entry.message in page and entry.unearned in page for entry in ATLAS)
