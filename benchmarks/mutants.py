"""Break the code in small ways, and see whether the tests notice: mutants, drawn by a seed.

    pip install cosmic-ray                               # makes the mutants; nothing else needs it
    python -m benchmarks.mutants --seed 1 --count 60     # half an hour and more
    python -m benchmarks.mutants --seed 1 --area store   # one area alone; repeatable

Each mutant changes one place of one module (a comparison, a number, a condition), in a copy of the checkout. The tests
of its area run until one fails. A mutant that no test kills is shown with its diff; some of them change nothing that
could be seen. As many are drawn of each area; exit code 1 where one survived.
"""

import argparse
import difflib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

_ROOT = Path(__file__).parent.parent
_COPIED = ("mockserver", "tests", "benchmarks", "openapi", "fixtures", "docs", "pyproject.toml", "schemathesis.toml")
_OPERATORS = (
    "core/AddNot",
    "core/NumberReplacer",
    "core/ReplaceAndWithOr",
    "core/ReplaceBreakWithContinue",
    "core/ReplaceContinueWithBreak",
    "core/ReplaceFalseWithTrue",
    "core/ReplaceOrWithAnd",
    "core/ReplaceTrueWithFalse",
    "core/ReplaceUnaryOperator_Delete_Not",
    "core/ZeroIterationForLoop",
    "core/ReplaceComparisonOperator_Eq_NotEq",
    "core/ReplaceComparisonOperator_NotEq_Eq",
    "core/ReplaceComparisonOperator_Lt_LtE",
    "core/ReplaceComparisonOperator_LtE_Lt",
    "core/ReplaceComparisonOperator_Gt_GtE",
    "core/ReplaceComparisonOperator_GtE_Gt",
    "core/ReplaceComparisonOperator_Is_IsNot",
    "core/ReplaceComparisonOperator_IsNot_Is",
    "core/ReplaceBinaryOperator_Add_Sub",
    "core/ReplaceBinaryOperator_Sub_Add",
    "core/ReplaceBinaryOperator_Mul_Add",
)
_TIMEOUT = 600.0  # seconds of the tests of one mutant, which may have made an endless loop


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Modules that are broken, and the tests that must notice; the first stage that fails ends it."""

    modules: tuple[str, ...]
    stages: tuple[tuple[str, ...], ...]


AREAS: dict[str, Area] = {
    "rules": Area(
        modules=("mockserver/domain/*.py", "mockserver/operations/**/*.py", "mockserver/exchange/*.py"),
        stages=(
            ("tests/exchange", "tests/domain", "tests/operations"),
            ("tests/laws", "tests/golden", "tests/atlas", "tests/contract"),
            ("tests/server",),
        ),
    ),
    "store": Area(
        modules=("mockserver/storage/*.py",), stages=(("tests/storage",), ("tests/testing",), ("tests/server",))
    ),
    "journal": Area(
        modules=("mockserver/server/*journal*.py", "mockserver/server/matching/*.py", "mockserver/server/events.py"),
        stages=(("tests/server", "-k", "not pages"), ("tests/testing", "tests/plugin")),
    ),
    "checker": Area(
        modules=("mockserver/verification/*.py", "mockserver/verification/statements/*.py"),
        stages=(("tests/verification", "tests/reporting"), ("tests/golden", "tests/flawed"), ("tests",)),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change: in which module, by which operator, at which of the places that it fits."""

    area: str
    module: Path
    operator: str
    occurrence: int

    def code(self) -> str | None:
        """Return the changed code, None where nothing was changed."""
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.plugins import get_operator

        text = self.module.read_text(encoding="utf-8")
        changed = mutate_code(text, get_operator(self.operator)(), self.occurrence)
        return None if changed is None or changed == text else str(changed)

    def diff(self) -> str:
        """Return the change as a diff of one line."""
        lines = difflib.unified_diff(
            self.module.read_text(encoding="utf-8").splitlines(), (self.code() or "").splitlines(), lineterm="", n=0
        )
        return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def mutants_of(area: str) -> Iterator[Mutant]:
    """Yield all mutants of an area."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator

    paths = sorted({path for pattern in AREAS[area].modules for path in _ROOT.glob(pattern)})
    for path in paths:
        tree = get_ast(path.read_text(encoding="utf-8"))
        for operator in _OPERATORS:
            mutation, found = get_operator(operator)(), 0
            for node in ast_nodes(tree):
                for _ in mutation.mutation_positions(node):
                    yield Mutant(area=area, module=path, operator=operator, occurrence=found)
                    found += 1


def draw(areas: Sequence[str], count: int, seed: int) -> list[Mutant]:
    """Draw mutants, as many of each area."""
    each = -(-count // len(areas))
    drawn = [mutant for area in areas for mutant in _drawn(area, each, Random(f"{seed}/{area}"))]
    return drawn[:count]


def _drawn(area: str, count: int, draw: Random) -> Iterator[Mutant]:
    listed = list(mutants_of(area))
    draw.shuffle(listed)
    changed = (mutant for mutant in listed if mutant.code() is not None)
    yield from (mutant for mutant, _ in zip(changed, range(count), strict=False))


def killer_of(mutant: Mutant, folder: Path) -> str:
    """Return which test notices a mutant in a copy of the checkout, an empty text where none does."""
    path = folder / mutant.module.relative_to(_ROOT)
    before = path.read_text(encoding="utf-8")
    path.write_text(mutant.code() or "", encoding="utf-8")
    try:
        return next(filter(None, (_failure(stage, folder) for stage in AREAS[mutant.area].stages)), "")
    finally:
        path.write_text(before, encoding="utf-8")


def _failure(stage: Sequence[str], folder: Path) -> str:
    there = [part for part in stage if not part.startswith("tests") or (folder / part).exists()]
    options = ["-x", "-q", "-n", "2", "-p", "no:randomly", "--no-header", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, *there]
    environment = {**os.environ, "PYTHONPATH": str(folder), "CI": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ran = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return "the time was up"
    if ran.returncode == 0:
        return ""
    failed = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0][:100] if failed else f"exit {ran.returncode}"


def main() -> int:
    """Read the command line, draw, try, tell, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--area", action="append", choices=list(AREAS), help="one area alone; repeatable")
    options = parser.parse_args()
    survivors = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        for part in _COPIED:
            (shutil.copytree if (_ROOT / part).is_dir() else shutil.copy2)(_ROOT / part, folder / part)
        for number, mutant in enumerate(draw(options.area or list(AREAS), options.count, options.seed), start=1):
            started, killer = time.monotonic(), killer_of(mutant, folder)
            survivors += [] if killer else [mutant]
            where = f"{mutant.module.relative_to(_ROOT)} {mutant.operator.removeprefix('core/')} {mutant.occurrence}"
            print(f"{number:>3} {time.monotonic() - started:>5.0f} s  {where}: {killer or 'SURVIVED'}", flush=True)
            print("" if killer else f"{mutant.diff()}\n", end="", flush=True)
    print(f"{len(survivors)} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
