"""The error atlas: for every code of the catalogue the smallest state and request that earns it, or why none does.

The law: what stands here is kept in files (`fixtures/errors`, golden exchanges) and in the contract (`x-unearned`), and
each file does earn its code. Nothing is read before it is asked for.
"""

from mockserver.atlas.copying import LANGUAGES, as_copied
from mockserver.atlas.entries import AtlasEntry, Earned, Forced, read_atlas
from mockserver.atlas.page import errors_page
from mockserver.atlas.showing import find_entries, nearest_names, show_atlas, show_entry, show_json, show_table

__all__ = [
    "LANGUAGES",
    "AtlasEntry",
    "Earned",
    "Forced",
    "as_copied",
    "errors_page",
    "find_entries",
    "nearest_names",
    "read_atlas",
    "show_atlas",
    "show_entry",
    "show_json",
    "show_table",
]
