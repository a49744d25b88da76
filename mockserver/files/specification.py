"""What is doubled, as a value: the operations, and where their files stand. `OURS` is what comes with the package.

Each folder beside ours is laid out as ours is, and has what it adds: `openapi/customers.yaml` (paths and components),
`openapi/statements/NAME.yaml`, `openapi/questions/NAME.yaml`, `fixtures/exchanges/NAME/` and `fixtures/errors/NAME/`,
where NAME is an operation's, or `shared`; and the modules of the operation itself.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from mockserver.files.texts import bundled
from mockserver.operations import OPERATIONS, Operations
from mockserver.values import Value, member

SHARED = "shared"


class Specification(Value, frozen=True, kw_only=True, eq=False):
    """The operations that there are, and the folders beside ours that hold files of theirs."""

    operations: Operations = member(default_factory=lambda: OPERATIONS)
    folders: tuple[Path, ...] = ()

    def contracts(self) -> tuple[Path, ...]:
        """Return the OpenAPI documents, ours first; the others add to it."""
        return tuple(self._standing("openapi", "customers.yaml"))

    def statements(self) -> tuple[Path, ...]:
        """Return the files of statements, in the order of the operations."""
        return tuple(path for name in self._names() for path in self._standing("openapi", "statements", f"{name}.yaml"))

    def questions(self) -> tuple[Path, ...]:
        """Return the files of questions, those that are shared first."""
        names = (SHARED, *self._names())
        return tuple(path for name in names for path in self._standing("openapi", "questions", f"{name}.yaml"))

    def exchanges(self) -> tuple[Path, ...]:
        """Return the folders of golden exchanges."""
        return tuple(path for name in self._names() for path in self._standing("fixtures", "exchanges", name))

    def errors(self) -> tuple[Path, ...]:
        """Return the folders of the golden exchanges that the atlas is made of."""
        names = (*self._names(), SHARED)
        return tuple(path for name in names for path in self._standing("fixtures", "errors", name))

    def _names(self) -> tuple[str, ...]:
        return tuple(operation.name for operation in self.operations.values())

    def _standing(self, kind: Literal["openapi", "fixtures"], *parts: str) -> Iterator[Path]:
        """Give what is there under a name, in our own folder and in those beside it."""
        candidates = (bundled(kind, *parts), *(folder.joinpath(kind, *parts) for folder in self.folders))
        return (path for path in candidates if path.exists())


OURS = Specification()
