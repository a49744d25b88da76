"""What a browser asks for by itself: the root leads to the console, the icon is there; neither is vendor traffic."""

from urllib.parse import urljoin

import pytest

from mockserver.server.running import ServerThread
from tests.server.client import Client

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_media_types_have_no_case(client: Client) -> None:
    assert client.send_bare("GET", "/", headers={"Accept": "TEXT/HTML"}).status == 302


@pytest.mark.parametrize("path", ["/", ""])
def test_a_browser_at_the_root_of_a_world_is_led_to_its_console(client: Client, path: str) -> None:
    answer = client.send_bare("GET", path, headers=HTML)

    assert answer.status == 302
    assert urljoin(f"{client.root}{path}", answer.headers["location"]) == f"{client.root}/_mock/"
    assert answer.headers["location"].startswith("./")
    assert {"Origin", "Accept"} <= set(answer.headers["vary"].split(", "))


def test_a_browser_at_the_root_of_the_server_is_led_to_its_console(server: ServerThread) -> None:
    answer = Client(server.url).send_bare("GET", "/", headers=HTML)

    assert (answer.status, answer.headers["location"]) == (302, "./_mock/")
    assert Client(server.url).send_bare("HEAD", "/", headers=HTML).status == 302


@pytest.mark.parametrize("headers", [{}, {"Accept": "*/*"}, {"Accept": "application/json, text/html;q=0"}], ids=str)
def test_another_client_gets_the_vendors_answer_at_the_root(client: Client, headers: dict[str, str]) -> None:
    answer = client.send_bare("GET", "/", headers=headers)

    assert (answer.status, answer.code) == (404, 404)
    assert client.send_bare("POST", "/", headers=HTML).status == 404
    assert len(client.send("GET", "/_mock/requests").json["requests"]) == 2


def test_what_a_browser_asks_for_by_itself_is_no_vendor_traffic(client: Client) -> None:
    client.send("POST", "/_mock/faults", json={"preset": "maintenance"})

    answers = [client.send_bare("GET", path, headers=HTML) for path in ("/", "/favicon.ico", "/_mock/pages/icon.svg")]

    assert [answer.status for answer in answers] == [302, 200, 200]
    assert answers[1].headers["content-type"] == "image/svg+xml"
    assert client.send("GET", "/_mock/requests").json["requests"] == []


def test_a_page_of_another_machine_sees_the_icon_and_no_more(server: ServerThread) -> None:
    headers = {"Host": "other.example"}

    assert Client(server.url).send_bare("GET", "/favicon.ico", headers=headers).status == 200
    assert Client(server.url).send_bare("GET", "/_mock/pages/icon.svg", headers=headers).status == 403


def test_an_unknown_world_has_no_console(server: ServerThread) -> None:
    assert Client(server.url).send_bare("GET", "/_mock/w/nowhere/", headers=HTML).status == 404
