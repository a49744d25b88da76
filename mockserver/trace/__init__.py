"""The thread from each sentence of the page to what carries it: contract, rules, questions, checks."""

from mockserver.trace.rules import Rule, read_rules
from mockserver.trace.showing import questions_page, show_json, show_table, statements_page
from mockserver.trace.thread import Observed, Thread, follow_thread, with_results

__all__ = [
    "Observed",
    "Rule",
    "Thread",
    "follow_thread",
    "questions_page",
    "read_rules",
    "show_json",
    "show_table",
    "statements_page",
    "with_results",
]
