"""The control plane, `/_mock`: see and set the state, reset it, read the journal, fork worlds, set faults.

It needs no vendor credentials; `guard` says who may use it. Each module has the routes of one subject, and
`openapi/control.yaml` describes them all.
"""

from mockserver.server.control.guard import Guard
from mockserver.server.control.plane import Control

__all__ = ["Control", "Guard"]
