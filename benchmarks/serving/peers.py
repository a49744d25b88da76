"""Other mock servers, as npm has them: installed into a cache beside this package, and asked the page's request.

Each serves our contract, as far as it can: Prism, Mockoon and Specmatic read it; openapi-backend validates by it and
gives a constant answer; WireMock validates the body by its schema; json-server knows no contract, and stores.
"""

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.serving.cases import PAGE_CUSTOMER, page_body
from benchmarks.serving.processes import StartError
from benchmarks.serving.servers import CACHE, Server
from mockserver.files import bundled, read_contract_document

_SCRIPTS = Path(__file__).resolve().parents[1] / "peers"
_CONTRACT = str(bundled("openapi", "customers.yaml"))
_ANSWER = {"createdId": PAGE_CUSTOMER, "warnings": [], "sideEffects": []}
_INSTALL_SECONDS = 600.0
_WARM_UP = 3.0  # seconds; Node and Java compile what is used often


@dataclass(frozen=True, slots=True, kw_only=True)
class _Package:
    """A package of npm in one version, installed into a folder of its own."""

    name: str
    version: str
    program: str = "node"

    @property
    def folder(self) -> Path:
        return CACHE / "peers" / f"{self.name.replace('/', '-').lstrip('@')}-{self.version}"

    def within(self, *parts: str) -> str:
        """Return a file of the package."""
        return str(self.folder.joinpath("node_modules", *self.name.split("/"), *parts))

    def script(self, name: str) -> str:
        """Return one of the commands that the package brings."""
        return str(self.folder / "node_modules" / ".bin" / name)

    def install(self) -> None:
        """Install it, unless it is there; StartError where that fails."""
        for program in ("npm", self.program):
            if shutil.which(program) is None:
                raise StartError(f"{program} is not on PATH")
        if (self.folder / "installed").exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        asked = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(self.folder)]
        try:
            done = subprocess.run(
                [*asked, f"{self.name}@{self.version}"],
                capture_output=True,
                text=True,
                timeout=_INSTALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise StartError(f"npm did not install it within {_INSTALL_SECONDS:.0f} s") from None
        if done.returncode:
            raise StartError(f"npm could not install it: {done.stderr.strip()[-200:]}")
        (self.folder / "installed").touch()


_PRISM = _Package(name="@stoplight/prism-cli", version="5.16.0")
_MOCKOON = _Package(name="@mockoon/cli", version="9.9.0")
_OPENAPI_BACKEND = _Package(name="openapi-backend", version="5.21.2")
_JSON_SERVER = _Package(name="json-server", version="0.17.4")
_WIREMOCK = _Package(name="wiremock", version="3.13.2", program="java")
_SPECMATIC = _Package(name="specmatic", version="2.55.1", program="java")


def _prism(*options: str) -> Callable[[int], Sequence[str]]:
    return lambda port: [
        "node",
        _PRISM.script("prism"),
        "mock",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        *options,
        _CONTRACT,
    ]


def _mockoon(port: int) -> Sequence[str]:
    quiet = ["--disable-log-to-file", "--disable-admin-api", "--max-transaction-logs", "1"]
    return [
        "node",
        _MOCKOON.script("mockoon-cli"),
        "start",
        "-d",
        _CONTRACT,
        "-p",
        str(port),
        "-l",
        "127.0.0.1",
        *quiet,
    ]


def _openapi_backend(port: int) -> Sequence[str]:
    return ["node", str(_OPENAPI_BACKEND.folder / "openapi_backend.mjs"), str(_contract_as_json()), str(port)]


def _contract_as_json() -> Path:
    return _OPENAPI_BACKEND.folder / "contract.json"


def _prepare_openapi_backend() -> None:
    """Put our script beside the package, where Node finds it."""
    _OPENAPI_BACKEND.install()
    shutil.copy(_SCRIPTS / "openapi_backend.mjs", _OPENAPI_BACKEND.folder)
    _contract_as_json().write_text(json.dumps(read_contract_document()), encoding="utf-8")


def _json_server(port: int) -> Sequence[str]:
    files = [str(_JSON_SERVER.folder / name) for name in ("routes.json", "customers.json")]
    options = ["--host", "127.0.0.1", "--port", str(port), "--quiet", "--routes"]
    return ["node", _JSON_SERVER.script("json-server"), *options, *files]


def _prepare_json_server() -> None:
    _JSON_SERVER.install()
    files: dict[str, Any] = {"routes": {"/v2/*": "/$1"}, "customers": {"customers": [{"id": PAGE_CUSTOMER}]}}
    for name, content in files.items():
        (_JSON_SERVER.folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def _wiremock(*options: str) -> Callable[[int], Sequence[str]]:
    jar = _WIREMOCK.within("build", f"wiremock-standalone-{_WIREMOCK.version}.jar")
    plain = ["--bind-address", "127.0.0.1", "--root-dir", str(_WIREMOCK.folder / "root"), "--disable-banner"]
    plain += ["--use-chunked-encoding", "never"]
    return lambda port: ["java", "-jar", jar, "--port", str(port), *plain, *options]


def _prepare_wiremock() -> None:
    """Write the one mapping: the page's path, and a body that the contract's schema accepts."""
    _WIREMOCK.install()
    folder = _WIREMOCK.folder / "root" / "mappings"
    folder.mkdir(parents=True, exist_ok=True)
    schema = {"matchesJsonSchema": json.dumps(_body_schema()), "schemaVersion": "V202012"}
    request = {"method": "PUT", "urlPathPattern": "/v2/customers/[0-9]+", "bodyPatterns": [schema]}
    response = {"status": 200, "jsonBody": _ANSWER, "headers": {"Content-Type": "application/json"}}
    mapping = {"request": request, "response": response}
    (folder / "update.json").write_text(json.dumps(mapping), encoding="utf-8")


def _body_schema() -> dict[str, Any]:
    """Return the schema of the update's body, with all that it refers to."""
    document = read_contract_document()
    [update] = [path["put"] for path in document["paths"].values() if "put" in path]
    body = update["requestBody"]
    if "$ref" in body:
        body = document["components"]["requestBodies"][body["$ref"].rpartition("/")[2]]
    return {
        **body["content"]["application/json"]["schema"],
        "components": {"schemas": document["components"]["schemas"]},
    }


def _specmatic(port: int) -> Sequence[str]:
    asked = ["stub", "--host", "127.0.0.1", "--port", str(port)]
    return ["java", "-jar", _SPECMATIC.within("specmatic.jar"), *asked, _CONTRACT]


def _peer(package: _Package, says: str, command: Callable[[int], Sequence[str]], **others: Any) -> Server:
    name = others.pop("name", package.name.rpartition("/")[2])
    return Server(
        name=name,
        says=f"{package.name} {package.version}: {says}",
        command=command,
        kind="peer",
        folder=CACHE / "peers",
        **{"prepare": package.install, "has": ('"createdId"',), "warm_up": _WARM_UP, **others},
    )


_PEERS = (
    _peer(_PRISM, "as it starts", _prism(), name="prism"),
    _peer(_PRISM, "without its log", _prism("-v", "silent"), name="prism-silent"),
    _peer(_MOCKOON, "made-up answers", _mockoon, name="mockoon", varies=True),
    _peer(_OPENAPI_BACKEND, "validates, constant answer", _openapi_backend, prepare=_prepare_openapi_backend),
    _peer(
        _JSON_SERVER,
        "stores, does not validate",
        _json_server,
        prepare=_prepare_json_server,
        has=('"firstName": "Tom"',),
    ),
    _peer(_WIREMOCK, "body by its schema, constant answer", _wiremock(), prepare=_prepare_wiremock),
    _peer(
        _WIREMOCK,
        "the same without its journal",
        _wiremock("--no-request-journal"),
        prepare=_prepare_wiremock,
        name="wiremock-no-journal",
    ),
    _peer(
        _SPECMATIC,
        "made-up answers; true and false sent as such, because it refuses the page's texts",
        _specmatic,
        body=json.dumps(page_body(flag=True)),
        varies=True,
    ),
)
PEERS = {peer.name: peer for peer in _PEERS}
