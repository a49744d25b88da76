"""Harder flaws, by name and by family: the measure of how deep the checker sees."""

from collections.abc import Mapping

from tests.flawed.flaw import Flaw
from tests.flawed.harder_boundaries import BOUNDARIES
from tests.flawed.harder_combinations import COMBINATIONS
from tests.flawed.harder_reads import READS
from tests.flawed.harder_time import TIME

FAMILIES: Mapping[str, tuple[Flaw, ...]] = {
    "boundaries": BOUNDARIES,
    "combinations": COMBINATIONS,
    "reads": READS,
    "time": TIME,
}
HARDER: Mapping[str, Flaw] = {flaw.name: flaw for family in FAMILIES.values() for flaw in family}
