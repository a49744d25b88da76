"""All flaws, by name: what the checker must find."""

from collections.abc import Mapping

from tests.flawed.flaw import Flaw
from tests.flawed.flaws_of_access import FLAWS_OF_ACCESS
from tests.flawed.flaws_of_answers import FLAWS_OF_ANSWERS
from tests.flawed.flaws_of_channels import FLAWS_OF_CHANNELS
from tests.flawed.flaws_of_dialect import FLAWS_OF_DIALECT
from tests.flawed.flaws_of_fields import FLAWS_OF_FIELDS
from tests.flawed.flaws_of_loyalty import FLAWS_OF_LOYALTY
from tests.flawed.flaws_of_names import FLAWS_OF_NAMES
from tests.flawed.flaws_of_points import FLAWS_OF_POINTS
from tests.flawed.flaws_of_refusals import FLAWS_OF_REFUSALS
from tests.flawed.flaws_of_storing import FLAWS_OF_STORING

# Those of the dialect break no sentence of the page: the checker reports them as `differs`, the others as `broken`.
FLAWS_OF_THE_DEPLOYMENT: tuple[Flaw, ...] = (
    *FLAWS_OF_STORING,
    *FLAWS_OF_NAMES,
    *FLAWS_OF_FIELDS,
    *FLAWS_OF_CHANNELS,
    *FLAWS_OF_LOYALTY,
    *FLAWS_OF_POINTS,
    *FLAWS_OF_ANSWERS,
    *FLAWS_OF_ACCESS,
    *FLAWS_OF_REFUSALS,
)
ALL_FLAWS: tuple[Flaw, ...] = (*FLAWS_OF_THE_DEPLOYMENT, *FLAWS_OF_DIALECT)
FLAWS: Mapping[str, Flaw] = {flaw.name: flaw for flaw in ALL_FLAWS}
