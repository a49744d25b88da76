"""A small HTTP client over the standard library, so that tests of the server share no code with it."""

import http.client
import json as json_module
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

CREDENTIALS = {"Authorization": "Basic dGVzdA=="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back; `headers` are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json_module.loads(self.body)

    @property
    def code(self) -> Any:
        """The code of the one error in the envelope."""
        (error,) = self.json["errors"]
        return error["code"]


class Client:
    """Sends requests under a root address."""

    def __init__(self, root: str) -> None:
        parts = urlsplit(root)
        self.root = root
        self.host, self.port, self.path = str(parts.hostname), int(parts.port or 80), parts.path

    def send(
        self, method: str, path: str, *, json: Any = None, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request with credentials, and JSON if it has a body."""
        payload = json_module.dumps(json).encode() if json is not None else body
        sent = {**CREDENTIALS, **({"Content-Type": "application/json"} if payload else {}), **(headers or {})}
        return self.send_bare(method, path, body=payload, headers=sent)

    def send_bare(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request with these headers and no others but those of HTTP itself."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        try:
            connection.request(method, self.path + path, body=body or None, headers=dict(headers or {}))
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answer(status=response.status, headers=named, body=response.read())
        finally:
            connection.close()

    def update(self, customer: int, body: Any, query: str = "source=INSTORE") -> Answer:
        """Send an update."""
        return self.send("PUT", f"/v2/customers/{customer}?{query}", json=body)

    def raw(self, sent: bytes) -> bytes:
        """Send bytes on a connection of their own and return all that comes back until it closes."""
        with socket.create_connection((self.host, self.port), timeout=10) as connection:
            connection.sendall(sent)
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
            return received
