"""An operation that comes in a folder of its own is found everywhere, without another line changed.

`docs/adding-an-operation.md` has the steps; each test here is about what one of them leads to.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.atlas import errors_page, find_entries, read_atlas
from mockserver.errors import ContractError, ExchangeError
from mockserver.exchange import Setting
from mockserver.files import (
    World,
    read_contract_document,
    read_dialect,
    read_dialects,
    read_documents,
    read_questions,
    read_sources,
    read_statements,
)
from mockserver.operations import OPERATIONS
from mockserver.server.options import ServeOptions
from mockserver.server.running import ServerThread
from mockserver.trace import follow_thread, questions_page, read_rules, statements_page
from mockserver.values import replace
from mockserver.verification.checks import Unfit
from mockserver.verification.golden import GoldenExchange, check_of
from mockserver.verification.golden_reading import read_golden
from mockserver.verification.listed import statements_by_check
from tests.golden.running import plan_somewhere, run
from tests.operations.greeting import GREETING
from tests.server.client import Answer, Client

ASHA = 171891944  # no member
RAVI = 171891945


@pytest.fixture(scope="module")
def server() -> Iterator[ServerThread]:
    """A server that doubles the operation too."""
    with ServerThread(ServeOptions(port=0, specification=GREETING)) as running:
        yield running


@pytest.fixture
def client(server: ServerThread) -> Client:
    """A client of the default world, as it was at first."""
    client = Client(server.url)
    for method, path in (("DELETE", "/_mock/requests"), ("DELETE", "/_mock/faults"), ("POST", "/_mock/reset")):
        assert client.send(method, path).status < 300
    return client


def greet(client: Client, customer: int = ASHA, *, prefer: str = "", **body: Any) -> Answer:
    headers = {"Prefer": prefer} if prefer else {}
    return client.send("POST", f"/v2/customers/{customer}/greeting", json=body, headers=headers)


def journal(client: Client, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.send("GET", f"/_mock/requests{query}").json["requests"]
    return found


def test_it_is_routed_and_answers_with_what_that_rests_on(client: Client) -> None:
    answer = greet(client, salutation="Hello")

    assert (answer.status, answer.json) == (200, {"greeted": ASHA, "greeting": "Hello Asha", "warnings": []})
    assert answer.headers["x-mock-basis"] == "assumed greeting-of-strangers; documented GRT-BODY-1"


def test_its_contract_its_shared_rules_and_its_page_refuse(client: Client) -> None:
    assert (greet(client, salutation=5).status, greet(client, salutation=5).code) == (400, 400)
    unknown = greet(client, 1)
    assert (unknown.code, unknown.headers["x-mock-basis"]) == (8015, "documented UPD-ERR-1; documented GRT-ERR-1")
    assert greet(client, 171891949).code == 8069
    assert client.send("GET", f"/v2/customers/{ASHA}/greeting").headers["allow"] == "OPTIONS, POST"


def test_a_misspelt_field_of_it_is_told(client: Client) -> None:
    answer = greet(client, salutaton="Hello")

    assert answer.json["greeting"] == "Dear Asha"
    assert "body/salutaton: did you mean salutation?" in answer.headers["x-mock-why"]


def test_its_question_can_be_answered_otherwise(client: Client) -> None:
    assert client.send("PUT", "/_mock/dialect", json={"greeting-of-strangers": "9901"}).status == 200
    try:
        refused, greeted = greet(client), greet(client, RAVI)
    finally:
        assert client.send("PUT", "/_mock/dialect", json={"greeting-of-strangers": "alike"}).status == 200

    assert (refused.code, greeted.status) == (9901, 200)
    assert "assumed greeting-of-strangers" in refused.headers["x-mock-basis"]


def test_its_answers_are_forced_by_header_and_by_customer(client: Client) -> None:
    by_code, by_name, by_id = greet(client, prefer="code=9901"), greet(client, prefer="example=greeting"), 900009901

    assert by_code.code == greet(client, by_id).code == 9901
    assert by_name.json["greeted"] == ASHA
    assert "nearest: " in greet(client, prefer="code=8018").headers["x-mock-why"]


def test_the_journal_has_it_with_its_customer_and_without_its_secrets(client: Client) -> None:
    greet(client, salutation="Hi", pin="4711")

    [kept] = journal(client, "?operation=greetCustomer&customer=171891944")
    whole = client.send("GET", f"/_mock/requests/{kept['id']}").json

    assert (kept["operation"], kept["customer"]) == ("greetCustomer", ASHA)
    assert "4711" not in str(whole)
    assert [stage["stage"] for stage in whole["why"]][-1] == "show"
    assert {"kind": "documented", "name": "GRT-BODY-1"} in whole["decided"]["basis"]


def test_a_refusal_of_it_is_explained_and_repaired(client: Client) -> None:
    answer = greet(client, salutation=5)

    whole = client.send("GET", f"/_mock/requests/{answer.headers['x-mock-exchange']}").json

    assert whole["violations"][0]["pointer"] == "/salutation"
    assert whole["repair"]["edits"][0]["place"] == "body/salutation"


def test_it_is_verified_and_a_misspelt_name_is_refused_with_its_own(client: Client) -> None:
    greet(client)

    verified = client.send("POST", "/_mock/requests/verify", json={"operation": "greetCustomer", "customer": ASHA})
    misspelt = client.send("POST", "/_mock/requests/verify", json={"operation": "greetCustomers"})

    assert verified.json["verified"] is True
    assert "greetCustomer" in misspelt.json["errors"][0]["message"]


def test_faults_meet_it_by_name_and_customer(client: Client) -> None:
    rule = {"match": {"operation": "greetCustomer", "customer": ASHA}, "do": {"answer": {"code": 9901}}, "times": 1}

    assert client.send("POST", "/_mock/faults", json=rule).status == 201

    assert [greet(client, RAVI).status, greet(client).code, greet(client).status] == [200, 9901, 200]


def test_the_console_gets_its_question_its_error_and_its_form(client: Client) -> None:
    questions = client.send("GET", "/_mock/questions").json["questions"]
    errors = {one["name"]: one for one in client.send("GET", "/_mock/errors").json["errors"]}
    contract = client.send("GET", "/_mock/contract").json

    assert questions[-1]["id"] == "greeting-of-strangers"
    assert errors["9901"]["earned"]["customer"] == ASHA
    assert errors["9901"]["forced"] == {"prefer": "code=9901", "customer": 900009901, "answers": {}}
    assert contract["paths"]["/v2/customers/{userId}/greeting"]["post"]["operationId"] == "greetCustomer"


def test_the_atlas_earns_its_error(client: Client) -> None:
    [entry] = find_entries(read_atlas(specification=GREETING), "9901")
    assert entry.earned is not None
    client.send("PUT", "/_mock/dialect", json=dict(entry.earned.answers))
    try:
        earned = entry.earned.request
        answer = client.send_bare(earned.method, earned.path, headers=earned.headers, body=earned.body)
    finally:
        client.send("PUT", "/_mock/dialect", json=dict(entry.earned.ours))

    assert (answer.status, answer.json) == (entry.status, entry.value)


def test_the_trace_follows_its_statements_to_their_ends() -> None:
    questions = read_questions(GREETING)
    sources = read_sources("domain", "operations", "exchange", folders=GREETING.folders)
    rules = read_rules(sources, frozenset(questions), GREETING.operations)
    document, statements = read_contract_document(specification=GREETING), read_statements(GREETING)
    golden = {f"golden/{one.name}": frozenset(one.statements) for one in golden_exchanges()}

    thread = follow_thread(statements, document, rules, questions, {**statements_by_check(), **golden})

    assert thread.breaks == ()
    assert thread.gaps == ("GRT-ERR-1", "GRT-ERR-2")


def test_the_documents_tell_of_it() -> None:
    statements, questions = read_statements(GREETING), read_questions(GREETING)

    assert "| GRT-BODY-1 | Body | rule |" in statements_page(statements)
    assert "## greeting-of-strangers" in questions_page(questions, statements)
    assert "### 9901" in errors_page(read_atlas(specification=GREETING))


def golden_exchanges() -> list[GoldenExchange]:
    """Return the golden exchanges of the operation's own folder."""
    statements, questions = read_statements(GREETING), read_questions(GREETING)
    [folder] = [path for path in GREETING.exchanges() if path.name == "greet_customer"]
    read = [
        read_golden(
            document.record,
            document.path.stem,
            statements=frozenset(one.id for one in statements),
            questions=frozenset(questions),
        )
        for document in read_documents([folder], ExchangeError)
    ]
    assert read
    assert [one for one in read if not isinstance(one, GoldenExchange)] == []
    return [golden for golden in read if isinstance(golden, GoldenExchange)]


def test_its_golden_exchange_is_a_check_that_the_mock_passes(demo: World) -> None:
    """That `mockserver check` reads it too is for the checker to learn: it takes no specification yet."""
    dialects = read_dialects(GREETING)
    dialect = read_dialect(dialects)
    setting = Setting(
        contract=dialects.contract_of(dialect),
        organisation=demo.organisation,
        dialect=dialect,
        dialects=dialects,
        operations=dialects.operations,
    )

    for golden in golden_exchanges():
        planned = plan_somewhere(check_of(golden), setting, demo)
        assert not isinstance(planned, Unfit)
        place, steps = planned
        assert run(steps, place, setting, demo) == []


def test_a_path_without_an_operation_is_refused_at_the_start() -> None:
    alone = replace(GREETING, operations=OPERATIONS)
    dialects = read_dialects(alone)

    with pytest.raises(ContractError, match="greetCustomer"):
        dialects.contract_of(read_dialect(dialects))
