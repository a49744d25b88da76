"""The same load by wrk, where that is installed. It is written in C, so it takes less of its core than our client.

A Lua script makes the requests, counts the statuses, and compares one body in so many. wrk does not tell which request
an answer belongs to, so of an answer with marks it compares what stands before the first and after the last of them.
"""

import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.serving.asking import CUSTOMER, FIRST_CUSTOMER, NUMBER, Figures, Load

_MARKS = re.compile(rf"{NUMBER.decode()}|{CUSTOMER.decode()}")
_SCRIPT = """
local number, answered, wrong, compared, first, trouble = {first_number}, 0, 0, 0, nil, ""
local status, one_in, before, after, has, varies = {status}, {one_in}, {before}, {after}, {{{has}}}, {varies}
local threads = {{}}

function setup(thread) table.insert(threads, thread) end

function request()
  local customer = {first_customer} + number % {customers}
  local text = {request}
  number = number + 1
  return text
end

local function is_right(body)
  first = first or body
  if {is_whole} then
    if body ~= (before == "" and (varies and body or first) or before) then return false end
  elseif body:sub(1, #before) ~= before or (after ~= "" and body:sub(-#after) ~= after) then
    return false
  end
  for _, part in ipairs(has) do
    if not body:find(part, 1, true) then return false end
  end
  return true
end

local function tell()
  told = wrong .. " " .. compared .. " " .. trouble
end

function response(came, _, body)
  answered = answered + 1
  local is_sample = answered % one_in == 1
  if came == status and not is_sample then return end
  if is_sample then compared = compared + 1 end
  if came ~= status or not is_right(body) then
    wrong = wrong + 1
    if trouble == "" then trouble = came .. " " .. body:sub(1, 300):gsub("%s+", " ") end
  end
  tell()
end

function done(summary, latency, _)
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("FIGURES %d %d %d %d %d %d %s\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), latency.max, lost, threads[1]:get("told") or "0 0 "))
end
"""


def find_wrk() -> str:
    """Return where wrk is, or nothing."""
    return shutil.which("wrk") or ""


def ask_by_wrk(load: Load, *, command: str = "wrk") -> Figures:
    """Send a load by wrk, and return the figures; its warm-up is a run of its own."""
    with TemporaryDirectory() as folder:
        script = Path(folder) / "load.lua"
        script.write_text(script_of(load), encoding="latin-1")
        if load.warm_up:
            _run(command, script, load, max(1, round(load.warm_up)))
        return read_told(_run(command, script, load, max(1, round(load.seconds))))


def _run(command: str, script: Path, load: Load, seconds: int) -> str:
    asked = [command, "-t1", f"-c{load.connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script)]
    done = subprocess.run([*asked, f"http://127.0.0.1:{load.port}/"], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def script_of(load: Load) -> str:
    """Return the Lua script that makes wrk do what a load says."""
    pieces = _MARKS.split(load.answer)
    return _SCRIPT.format(
        first_number=load.first_number,
        status=load.status,
        one_in=load.one_in,
        before=_quoted(pieces[0]),
        after=_quoted(pieces[-1]) if len(pieces) > 1 else '""',
        has=", ".join(_quoted(part) for part in load.has),
        varies="true" if load.varies else "false",
        is_whole="true" if len(pieces) == 1 else "false",
        first_customer=FIRST_CUSTOMER,
        customers=load.customers,
        request=_request_of(load.request),
    )


def _request_of(template: str) -> str:
    """Return the Lua expression of a request: its pieces, and the marks between them filled in."""
    marks = ["number % 100000000" if mark == NUMBER.decode() else "customer" for mark in _MARKS.findall(template)]
    widths = ["%08d" if mark == NUMBER.decode() else "%09d" for mark in _MARKS.findall(template)]
    pieces = [_quoted(piece) for piece in _MARKS.split(template)]
    filled = [f'string.format("{width}", {mark})' for width, mark in zip(widths, marks, strict=True)]
    joined = [pieces[0]]
    for one, piece in zip(filled, pieces[1:], strict=True):
        joined += [one, piece]
    return " .. ".join(joined)


def _quoted(text: str) -> str:
    """Return a text as Lua writes it: every byte that is not plain as its number."""
    return '"' + "".join(one if one.isascii() and one.isalnum() else f"\\{ord(one):03d}" for one in text) + '"'


def read_told(text: str) -> Figures:
    """Read what the script wrote at the end; where there is nothing, the trouble is what wrk wrote."""
    found = re.search(r"^FIGURES (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) ?(.*)$", text, re.MULTILINE)
    if found is None:
        return Figures(requests=0, seconds=0, per_second=0, p50=0, p99=0, most=0, trouble=text[-300:], client="wrk")
    requests, micros, p50, p99, most, lost, wrong, compared = (int(part) for part in found.groups()[:8])
    return Figures(
        requests=requests,
        seconds=round(micros / 1e6, 3),
        per_second=round(requests / micros * 1e6, 1),
        p50=p50 / 1000,
        p99=p99 / 1000,
        most=most / 1000,
        wrong=wrong,
        lost=lost,
        compared=compared,
        trouble=found.group(9),
        client="wrk",
    )
