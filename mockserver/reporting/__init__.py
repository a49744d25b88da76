"""Reporters: they take in the events of a campaign, and write when it is over. They decide nothing."""

from mockserver.reporting.html import HtmlReporter
from mockserver.reporting.json_report import JsonReporter
from mockserver.reporting.junit import JunitReporter
from mockserver.reporting.progress import Outlook
from mockserver.reporting.terminal import TerminalReporter
from mockserver.reporting.view import View

__all__ = ["HtmlReporter", "JsonReporter", "JunitReporter", "Outlook", "TerminalReporter", "View"]
