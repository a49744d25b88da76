"""What is wrong, as one sentence: what a list of failed tests shows of a finding."""

from mockserver.verification.expectation import Kind, Mismatch
from mockserver.verification.findings import Finding

# By the way in which something else came; what is not here is a value at a place.
_SENTENCES = {
    Kind.REFUSED: "the request should be granted, and is refused with {came}",
    Kind.GRANTED: "the request should be refused ({promised}), and is granted",
    Kind.CODE: "the request should be refused with code {promised}, and is with {came}",
    Kind.STATUS: "the status should be {promised}, and is {came}",
    Kind.FAILURE: "the server should not fail, and answers {came}",
    Kind.UNWARNED: "{promised} should come, and there are {came}",
    Kind.WARNED: "the warning {came} should not come, and it did",
    Kind.KEPT: "`{place}` should become {promised}, and stays as it was",
    Kind.TOUCHED: "`{place}` should stay as it was, and is {came}",
    Kind.OTHERS: "`{place}` should stay {promised}, and is {came}",
    Kind.LOST: "{promised} should hold, and {came}",
}
_OF_A_VALUE = "`{place}` should be {promised}, and is {came}"


def sentence_of(finding: Finding) -> str:
    """Say what is wrong first and foremost; where no place is known, what was promised and what came."""
    if not finding.wrong:
        return f"{finding.promised}; instead: {finding.came}"
    first = finding.wrong[0]
    return _SENTENCES.get(first.kind, _OF_A_VALUE).format(
        place=_member_of(first), promised=first.promised, came=first.came
    )


def _member_of(wrong: Mismatch) -> str:
    return wrong.place.removeprefix("body/").removeprefix("state/")
