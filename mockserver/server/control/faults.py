"""The faults of a world: set, list, show, switch, remove."""

from typing import Any

from mockserver.domain.record import RecordProblem
from mockserver.messages import Response
from mockserver.server.control.calls import Call, Routes, done, refuse, show
from mockserver.server.fault_rules import MOST_RULES
from mockserver.server.fault_shapes import PRESETS, PRESETS_IN_WORDS

_SWITCH = {"enabled": "true or false"}


def _list_faults(call: Call) -> Response:
    faults = call.world.faults
    return show({"faults": [faults.show(held) for held in faults], "presets": _show_presets()})


def _show_presets() -> list[dict[str, Any]]:
    return [{"name": name, "does": PRESETS_IN_WORDS[name], **rule} for name, rule in PRESETS.items()]


def _set_fault(call: Call) -> Response:
    record = call.body()
    if isinstance(record, Response):
        return record
    faults = call.world.faults
    held = faults.add(record, call.world.setting)
    if not isinstance(held, RecordProblem):
        return show(faults.show(held), status=201)
    if faults.is_full:
        return refuse(409, f"world {call.world.name} has {MOST_RULES} fault rules, the most it can; delete one")
    place = "/".join(("body", *(str(segment) for segment in held.path)))
    return refuse(400, f"{place}: {held.problem}; {held.cure}")


def _clear_faults(call: Call) -> Response:
    call.world.faults.clear()
    return done()


def _show_fault(call: Call) -> Response:
    held = call.world.faults.find(call.argument)
    return _no_fault(call) if held is None else show(call.world.faults.show(held))


def _switch_fault(call: Call) -> Response:
    """Switch a rule off or on; nothing else of it changes."""
    asked = call.record(_SWITCH, '{"enabled": false}')
    if isinstance(asked, Response):
        return asked
    if not isinstance(asked.get("enabled"), bool):
        return refuse(400, 'body/enabled: is neither true nor false; send {"enabled": false}')
    held = call.world.faults.find(call.argument)
    if held is None:
        return _no_fault(call)
    held.enabled = asked["enabled"]
    return show(call.world.faults.show(held))


def _delete_fault(call: Call) -> Response:
    return done() if call.world.faults.delete(call.argument) else _no_fault(call)


def _no_fault(call: Call) -> Response:
    known = ", ".join(held.id for held in call.world.faults) or "none"
    return refuse(404, f"world {call.world.name} has no fault {call.argument[:40]}; there are {known}")


ROUTES: Routes = {
    "faults": {"GET": _list_faults, "POST": _set_fault, "DELETE": _clear_faults},
    "faults/*": {"GET": _show_fault, "PUT": _switch_fault, "DELETE": _delete_fault},
}
