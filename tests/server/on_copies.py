"""A plugin for pytest: servers keep their worlds in a store of copies that has to be waited for.

pytest -p tests.server.on_copies tests/server
"""

from mockserver.server import running
from tests.storage.waiting import WaitingStore

vars(running)["MemoryStore"] = WaitingStore
