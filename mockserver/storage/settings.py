"""The settings of a world, as a value: what changes how it answers, beside its customers."""

from collections.abc import Mapping

from mockserver.domain.organisation import Organisation
from mockserver.storage.clock import Clock
from mockserver.values import Value, member


class WorldSettings(Value, frozen=True, kw_only=True):
    """What a world is set to.

    `dialect` names the dialect, and `answers` are its answers by question. `version` is drawn by the store at each
    change: two settings of one version are the same.
    """

    organisation: Organisation = member(default_factory=Organisation)
    dialect: str = ""
    answers: Mapping[str, str] = member(default_factory=dict)
    clock: Clock = member(default_factory=Clock)
    version: int = 0

    def __repr__(self) -> str:
        """Name the settings; all answers would fill the report of a failed test."""
        return f"WorldSettings({self.organisation.name!r}, {self.dialect!r}, {self.clock}, version={self.version})"
