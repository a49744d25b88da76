"""Laws of an environment that has `mockserver-client` too, whose package is called `mockserver` as ours is.

Its wheel is made here with the names of its files (9.2.0): both are installed by pip, in either order.
"""

import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_THEIR_MODULES = (
    "a2a async_client client exceptions fluent launcher llm mcp models pytest_plugin websocket_client".split()  # noqa: SIM905
)
_THEIR_PLUGIN = "import pytest\n\n@pytest.fixture\ndef mockserver():\n    return 'theirs'\n"
_SUITE = """
from mockserver.testing import MockServer

def test_both(customer_api, mockserver):
    assert customer_api.customer(171891944).id == 171891944
    assert mockserver == "theirs"
    with MockServer() as mock:
        assert mock.customers
"""


def write_wheel(folder: Path, name: str, version: str, files: Mapping[str, bytes], entry_points: str) -> Path:
    """Write a wheel as pip takes it."""
    stem = f"{name.replace('-', '_')}-{version}"
    told = {
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{stem}.dist-info/entry_points.txt": entry_points,
    }
    everything = {**files, **{path: text.encode() for path, text in told.items()}}
    record = "".join(f"{path},,\n" for path in (*everything, f"{stem}.dist-info/RECORD"))
    wheel = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, content in {**everything, f"{stem}.dist-info/RECORD": record.encode()}.items():
            archive.writestr(path, content)
    return wheel


def our_wheel(folder: Path) -> Path:
    """Write our wheel from the checkout, as pyproject.toml says what is in it."""
    package = {
        f"mockserver/{path.relative_to(_ROOT / 'mockserver')}": path for path in (_ROOT / "mockserver").rglob("*.*")
    }
    bundled = {
        f"mockserver/bundled/{kind}/{path.relative_to(_ROOT / kind)}": path
        for kind in ("openapi", "fixtures")
        for path in (_ROOT / kind).rglob("*.*")
    }
    files = {name: path.read_bytes() for name, path in {**package, **bundled}.items() if path.is_file()}
    points = [f"[console_scripts]\nmockserver = {_PROJECT['scripts']['mockserver']}\n"]
    points += [f"[pytest11]\n{name} = {value}\n" for name, value in _PROJECT["entry-points"]["pytest11"].items()]
    return write_wheel(folder, "customer-mockserver", "0.1.0", files, "\n".join(points))


def their_wheel(folder: Path) -> Path:
    """Write a wheel with the file names and the entry point of mockserver-client."""
    files = {f"mockserver/{name}.py": b"" for name in _THEIR_MODULES}
    files["mockserver/__init__.py"] = b"class MockServerClient: pass\n"
    files["mockserver/py.typed"] = b""
    files["mockserver/pytest_plugin.py"] = _THEIR_PLUGIN.encode()
    return write_wheel(
        folder, "mockserver-client", "9.2.0", files, "[pytest11]\nmockserver = mockserver.pytest_plugin\n"
    )


class Environment:
    """A virtual environment with both, and with what ours needs from the environment of this run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", self._folder], check=True)
        self._python = self._folder / "bin" / "python"
        purelib = sysconfig.get_path("purelib", vars={"base": str(self._folder)})
        Path(purelib, "needed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")

    def install(self, *wheels: Path) -> None:
        """Install wheels one after the other."""
        for wheel in wheels:
            pip: list[str | Path] = [
                sys.executable,
                "-m",
                "pip",
                "--python",
                self._python,
                "install",
                "-q",
                "--no-index",
                "--no-deps",
            ]
            subprocess.run([*pip, "--force-reinstall", "--no-warn-script-location", wheel], check=True)

    def run(self, *arguments: str, within: Path) -> tuple[int, str]:
        """Run Python; return the exit code and all that was printed."""
        ran = subprocess.run([self._python, *arguments], capture_output=True, text=True, cwd=within, check=False)
        return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="the paths are those of POSIX")
@pytest.mark.parametrize("order", ["ours first", "theirs first"])
def test_both_work_in_either_order_and_who_replaced_whom_is_said(tmp_path: Path, order: str) -> None:
    wheels = [our_wheel(tmp_path), their_wheel(tmp_path)]
    environment = Environment(tmp_path)
    environment.install(*(wheels if order == "ours first" else wheels[::-1]))
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "test_both.py").write_text(_SUITE, encoding="utf-8")
    said = {
        "ours first": "mockserver/__init__.py is not that of customer-mockserver any more",
        "theirs first": "customer-mockserver was installed after mockserver-client, and has replaced its",
    }[order]

    code, printed = environment.run("-m", "pytest", "-q", "-p", "no:cacheprovider", within=tmp_path / "suite")
    assert code == 0, printed
    assert said in printed

    code, printed = environment.run("-m", "mockserver", "errors", "8018", within=tmp_path)
    assert code == 0, printed
    assert f"Warning: {said}" in printed
    assert "give each an environment of its own." in printed

    name = "MockServer" if order == "ours first" else "MockServerClient"
    code, printed = environment.run("-c", f"from mockserver import {name}", within=tmp_path)
    assert code == 1
    assert f"cannot import {'name ' if order == 'ours first' else ''}{name!r}" in printed
    assert (said in printed) == (order == "theirs first")


def test_no_file_of_ours_is_one_of_theirs_but_two() -> None:
    ours = {path.name for path in (_ROOT / "mockserver").iterdir() if path.name != "__pycache__"}

    assert ours & {*(f"{name}.py" for name in _THEIR_MODULES), *_THEIR_MODULES} == set()
    assert ours & {"__init__.py", "py.typed"} == {"__init__.py", "py.typed"}
    assert "mockserver" not in _PROJECT["entry-points"]["pytest11"]
