"""Faults: rules that disturb a world's traffic on demand."""


class Faults:
    """The rules of one world, in the order in which they were set."""

    __slots__ = ("_rules",)

    def __init__(self) -> None:
        self._rules: list[object] = []

    def __bool__(self) -> bool:
        """Tell whether there is any rule."""
        return bool(self._rules)
