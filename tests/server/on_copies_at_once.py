"""A plugin for pytest: servers keep their worlds in a store of copies that answers at once.

pytest -p tests.server.on_copies_at_once tests/server
"""

from mockserver.server import running
from tests.storage.copying import CopyingStore

vars(running)["MemoryStore"] = CopyingStore
