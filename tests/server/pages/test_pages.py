"""Laws of the pages without a browser: what is served, under which policy, to whom, and that nothing is missing."""

import re
import tomllib
from pathlib import Path
from urllib.parse import urljoin

import pytest

from mockserver.files import list_pages, read_page
from mockserver.server.running import ServerThread
from tests.server.client import Client

CONTROL = "/_mock"
TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
REFERENCE = re.compile(r"""(?:href|src)="(pages/[^"]+)"|from "\./([^"]+)";""")
ELSEWHERE = re.compile(
    r"""(?:href|src)="(?!pages/|\./"|docs"|#)|(?:https?:)?//[a-z]|@import|\burl\([^)]|["'`]/_mock/"""
)
MAKES_HTML = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|DOMParser"
)


def test_the_console_is_at_the_control_plane_itself(client: Client, server: ServerThread) -> None:
    for asked in (client, Client(server.url)):
        answer = asked.send_bare("GET", "/_mock/")

        assert (answer.status, answer.body) == (200, read_page("console.html"))


def test_the_reference_is_at_docs(client: Client) -> None:
    assert client.send_bare("GET", "/_mock/docs").body == read_page("docs.html")


@pytest.mark.parametrize(("path", "page"), [("/_mock", "/_mock/"), ("/_mock/docs/", "/_mock/docs")])
def test_an_address_that_relative_links_would_not_fit_leads_to_the_one_that_they_fit(
    client: Client, server: ServerThread, path: str, page: str
) -> None:
    for asked in (client, Client(server.url)):
        answer = asked.send_bare("GET", path)

        assert answer.status == 302
        assert urljoin(f"{asked.root}{path}", answer.headers["location"]) == f"{asked.root}{page}"
        assert not answer.headers["location"].startswith(("/", "http"))


@pytest.mark.parametrize("name", list_pages())
def test_each_file_is_served_with_its_type_and_under_the_policy(client: Client, name: str) -> None:
    answer = client.send_bare("GET", f"{CONTROL}/pages/{name}")

    assert (answer.status, answer.body) == (200, read_page(name))
    assert answer.headers["content-type"] == TYPES[name.rpartition(".")[2]]
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "name", ["", "nothing.js", "..%2Fapp.py", "..%2f..%2f__init__.py", ".", "%2e%2e", "console.html%00"]
)
def test_nothing_but_the_files_is_served(client: Client, name: str) -> None:
    assert client.send_bare("GET", f"{CONTROL}/pages/{name}").status == 404


def test_a_page_is_only_read(client: Client) -> None:
    answer = client.send_bare("POST", f"{CONTROL}/")

    assert (answer.status, answer.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize("name", list_pages())
def test_a_file_refers_to_files_that_are_there_and_to_nothing_elsewhere(name: str) -> None:
    text = read_page(name).decode()
    referred = {found[0].rpartition("/")[2] or found[1] for found in REFERENCE.findall(text)}

    assert referred <= set(list_pages())
    assert not ELSEWHERE.search(text.replace("http://www.w3.org/2000/svg", ""))


def test_each_file_is_used() -> None:
    texts = {name: read_page(name).decode() for name in list_pages()}
    used = {found[0].rpartition("/")[2] or found[1] for text in texts.values() for found in REFERENCE.findall(text)}

    assert set(texts) - used == {"console.html", "docs.html"}


@pytest.mark.parametrize("name", [name for name in list_pages() if name.endswith((".js", ".html"))])
def test_no_file_makes_html_of_text_or_has_a_script_of_its_own(name: str) -> None:
    text = read_page(name).decode()

    assert not MAKES_HTML.search(text)
    assert not re.search(r"<style|\bstyle=|\son[a-z]+=\"|javascript:|<script(?![^>]*\bsrc=)", text)


@pytest.mark.parametrize("path", ["/_mock/", "/_mock/docs", "/_mock/pages/console.js", "/_mock/questions"])
@pytest.mark.parametrize("header", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
def test_a_page_is_guarded_as_all_of_the_control_plane(client: Client, path: str, header: dict[str, str]) -> None:
    assert client.send_bare("GET", path, headers=header).status == 403


def test_the_questions_come_with_the_answers_that_a_dialect_may_choose(client: Client) -> None:
    questions = client.send_bare("GET", f"{CONTROL}/questions").json["questions"]
    dialect = client.send_bare("GET", f"{CONTROL}/dialect").json

    assert {one["id"] for one in questions} == set(dialect)
    assert {one["id"]: one["answer"] for one in questions} == dialect
    assert all(one["ours"] in one["implemented"] for one in questions)
    (concurrent,) = [one for one in questions if one["id"] == "concurrent-update"]
    assert "521" in concurrent["answers"]
    assert "521" not in concurrent["implemented"]


def test_the_contract_of_the_control_plane_is_served(client: Client) -> None:
    document = client.send_bare("GET", f"{CONTROL}/pages/control.json").json

    assert document["openapi"].startswith("3.1")
    assert "/_mock/health" in document["paths"]


def test_the_files_go_into_the_wheel() -> None:
    project = tomllib.loads(Path(__file__).parents[3].joinpath("pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]

    assert wheel["packages"] == ["mockserver"]
    assert "exclude" not in wheel
    assert "exclude" not in project["tool"]["hatch"]["build"]
