"""What a single text member holds after an update: the questions omitted-field, null-value and empty-text.

Whether a null was sent at all is noted once for the whole request, with the other questions of form, since a
dialect that rejects nulls refuses it wherever the null stands.
"""

from mockserver.domain.command import OMITTED, SentText
from mockserver.domain.judgement import Judgement


def settle_text(present: str | None, sent: SentText, judgement: Judgement) -> str | None:
    """Return what a text member holds after the update, None where it holds nothing."""
    if sent is OMITTED:
        return None if clears_omitted(judgement, held=present is not None) else present
    if sent is None:
        return None if clears_null(judgement) else present
    if sent == "":
        return _settle_empty(present, judgement)
    return sent


def clears_omitted(judgement: Judgement, *, held: bool) -> bool:
    """Tell whether a member that is left out is emptied; the question matters only where it holds something."""
    return held and judgement.asks("omitted-field") == "clear"


def clears_null(judgement: Judgement) -> bool:
    """Tell whether null empties a member."""
    return judgement.answers["null-value"] == "clear"


def _settle_empty(present: str | None, judgement: Judgement) -> str | None:
    answer = judgement.asks("empty-text")
    if answer == "store":
        return ""
    return present if answer == "keep" else None
