"""The only package that opens files: the contracts, the questions, dialects, worlds, golden exchanges and pages.

Every problem is said with the file, the line where there is one, what is wrong, and the cure.
"""

from mockserver.files.contracts import (
    Statement,
    read_contract_document,
    read_contract_text,
    read_control_document,
    read_dialect,
    read_dialects,
    read_questions,
    read_statements,
)
from mockserver.files.given import read_given_world
from mockserver.files.sheets import find_world_files, list_worlds
from mockserver.files.specification import OURS, Specification
from mockserver.files.texts import (
    Document,
    bundled,
    expand,
    line_at,
    list_pages,
    read_documents,
    read_page,
    read_report,
    read_sources,
    write_text,
)
from mockserver.files.worlds import FileSignature, Progress, Signature, Tell, World, read_world, signature

__all__ = [
    "OURS",
    "Document",
    "FileSignature",
    "Progress",
    "Signature",
    "Specification",
    "Statement",
    "Tell",
    "World",
    "bundled",
    "expand",
    "find_world_files",
    "line_at",
    "list_pages",
    "list_worlds",
    "read_contract_document",
    "read_contract_text",
    "read_control_document",
    "read_dialect",
    "read_dialects",
    "read_documents",
    "read_given_world",
    "read_page",
    "read_questions",
    "read_report",
    "read_sources",
    "read_statements",
    "read_world",
    "signature",
    "write_text",
]
