"""The table of the checker's modules in docs/architecture.md has each of them, and none that is not there."""

import re
from fnmatch import fnmatch
from pathlib import Path

_ROOT = Path(__file__).parent.parent.parent
_HEAD = "| module of `verification/` | does |"


def test_each_module_of_the_checker_stands_in_the_table() -> None:
    _, _, below = (_ROOT / "docs/architecture.md").read_text(encoding="utf-8").partition(_HEAD)
    cells = [row.split("|")[1] for row in below.partition("\n\n")[0].splitlines() if row]
    told = {name.rstrip("/") for cell in cells for name in re.findall("`([a-z_/*]+)`", cell)}
    modules = {path.stem for path in (_ROOT / "mockserver/verification").iterdir() if path.stem.strip("_") == path.stem}

    assert [name for name in sorted(modules) if not any(fnmatch(name, one) for one in told)] == []
    assert [one for one in sorted(told) if not any(fnmatch(name, one) for name in modules)] == []
