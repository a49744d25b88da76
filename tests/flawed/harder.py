"""Harder flaws, by name and by family: the measure of how deep the checker sees."""

from collections.abc import Mapping

from tests.flawed.flaw import Flaw
from tests.flawed.harder_access import ACCESS
from tests.flawed.harder_caches import CACHES
from tests.flawed.harder_combinations import COMBINATIONS
from tests.flawed.harder_concurrency import CONCURRENCY
from tests.flawed.harder_intermittent import INTERMITTENT
from tests.flawed.harder_json import JSON
from tests.flawed.harder_numbers import NUMBERS
from tests.flawed.harder_profiles import PROFILES
from tests.flawed.harder_protocol import PROTOCOL
from tests.flawed.harder_reads import READS
from tests.flawed.harder_refusals import REFUSALS
from tests.flawed.harder_texts import TEXTS
from tests.flawed.harder_time import TIME

FAMILIES: Mapping[str, tuple[Flaw, ...]] = {
    "boundaries": (*TEXTS, *NUMBERS),
    "combinations": (*PROFILES, *COMBINATIONS),
    "reads": (*READS, *CACHES),
    "time": TIME,
    "concurrency": CONCURRENCY,
    "protocol": (*PROTOCOL, *JSON),
    "access": ACCESS,
    "refusals": REFUSALS,
    "intermittent": INTERMITTENT,
}
HARDER: Mapping[str, Flaw] = {flaw.name: flaw for family in FAMILIES.values() for flaw in family}
