"""Laws of `--mock-strict`: what the contract refuses and no test expects is a failure; unmet codes are listed."""

import re

import pytest

from tests.plugin.running import Suite

UNEXPECTED = """
from client import *

def test_without_source(customer_api):
    send(customer_api, query="")

def test_no_list(customer_api):
    send(customer_api, body={"profiles": 5})

def test_other_path(customer_api):
    class Other: url, headers = customer_api.url + "/v3", customer_api.headers
    send(Other)

def test_method(customer_api):
    send(customer_api, method="DELETE")

def test_anonymous(customer_api):
    class Anonymous: url, headers = customer_api.url, {}
    send(Anonymous)

def test_large_head(customer_api):
    class Large: url, headers = customer_api.url, {**customer_api.headers, "Cookie": "c" * 70_000}
    assert send(Large, method="GET")[0] == 431
    assert [asked.code for asked in customer_api.requests] == [431]

def test_unreadable(customer_api):
    import socket, urllib.parse
    where = urllib.parse.urlsplit(customer_api.url)
    with socket.create_connection((where.hostname, where.port), timeout=10) as connection:
        connection.sendall(f"PUT {where.path}/v2/customers/1 HTTP/1.1\\r\\nBad Name: x\\r\\n\\r\\n".encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")

def test_in_another_world(customer_api_factory):
    send(customer_api_factory("empty"), query="")

def test_forgotten(customer_api):
    send(customer_api, query="")
    customer_api.forget_requests()

def test_forgotten_by_request(customer_api):
    send(customer_api, query="")
    with urllib.request.urlopen(urllib.request.Request(customer_api.url + "/_mock/requests", method="DELETE")):
        pass

def test_beyond_the_journal(customer_api):
    send(customer_api, query="")
    for _ in range(1000):
        send(customer_api, query="source=INSTORE", method="GET")
    assert len(customer_api.requests) == 1000
"""

EXPECTED = """
import pytest
from client import *

def test_rules_of_the_update(customer_api):
    send(customer_api, 5)
    send(customer_api, query="source=WECHAT")

def test_forced(customer_api):
    customer_api.fail(400)
    send(customer_api)
    send(customer_api, 900000415)

def test_asserted_by_code(customer_api):
    send(customer_api, query="")
    customer_api.assert_requested(code=8003)

def test_asserted_by_status(customer_api):
    send(customer_api, body={"profiles": 5})
    customer_api.assert_in_order([{"status": 400}])

def test_within(customer_api):
    with customer_api.expecting_refusal():
        send(customer_api, query="")
    with customer_api.expecting_refusal(8003):
        send(customer_api, query="")

@pytest.mark.xfail(strict=True)
def test_known(customer_api):
    send(customer_api, query="")
"""


def test_each_request_that_the_contract_refuses_fails_its_test(suite: Suite) -> None:
    suite.write("test_it.py", UNEXPECTED)

    ran = suite.run("--mock-strict")

    assert ran.counts(failed=11), ran.text
    assert suite.run().counts(passed=11)


def test_the_failure_names_the_exchange_the_place_and_the_cure(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        "from client import *\n\ndef test_it(customer_api):\n"
        "    send(customer_api, query='')\n    send(customer_api, body={'profiles': 5})\n"
        "    send(customer_api, method='PATCH')\n    send(customer_api, body={'profiles': '\\ud800'})\n",
    )

    ran = suite.run("--mock-strict")

    told = ran.text.partition("--mock-strict: ")[2].partition("\n---")[0]
    assert re.sub(r"x[0-9]+ ", "x ", told) == (
        "the contract refused 4 requests of this test, and the test did not expect that:\n"
        "  x PUT /v2/customers/171891944 -> 400 8003 (query/source: is missing)\n"
        '    repair: set query/source to "INSTORE"\n'
        "  x PUT /v2/customers/171891944?source=INSTORE -> 400 (body/profiles: 5 is not a list)\n"
        "    repair: set body/profiles to []\n"
        "  x PATCH /v2/customers/171891944?source=INSTORE -> 405 "
        "(method: PATCH is not among GET, HEAD, OPTIONS, PUT)\n"
        '    repair: set method to "PUT"\n'
        "  x PUT /v2/customers/171891944?source=INSTORE -> 400 (body: contains the lone surrogate \\ud800)\n"
        "    advice: send one strict JSON value in UTF-8, with every key once per object\n"
        "Fix the client; or expect it, with customer_api.expecting_refusal() or assert_requested(code=…)."
    )


def test_many_breaches_are_told_by_the_first_twenty(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        "from client import *\n\ndef test_it(customer_api):\n"
        "    for number in range(23): send(customer_api, number, query='')\n",
    )

    told = suite.run("--mock-strict").text.partition("--mock-strict: ")[2].partition("\n---")[0]

    assert told.startswith("the contract refused 23 requests of this test")
    assert told.count(" PUT ") == 20
    assert "/v2/customers/0 ->" in told
    assert "\n  and 3 more\nFix the client;" in told


def test_what_is_expected_forced_or_refused_by_the_rules_fails_nothing(suite: Suite) -> None:
    suite.write("test_it.py", EXPECTED)

    ran = suite.run("--mock-strict")

    assert ran.counts(passed=5), ran.text
    assert "1 xfailed" in ran.text


def test_what_a_test_expects_elsewhere_is_still_a_failure(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
from client import *

def test_another_code(customer_api):
    with customer_api.expecting_refusal(8003):
        send(customer_api, query="")
        send(customer_api, body={"profiles": 5})

def test_after_the_block(customer_api):
    with customer_api.expecting_refusal():
        send(customer_api, query="")
    send(customer_api, query="")
""",
    )

    ran = suite.run("--mock-strict")

    assert ran.counts(failed=2), ran.text
    assert ran.text.count("did not expect that:\n") == 2


def test_what_comes_after_the_test_is_an_error_and_a_failed_test_fails_once(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        """
import pytest
from client import *

@pytest.fixture
def late(customer_api):
    yield
    send(customer_api, query="")

def test_late(late): pass

def test_failed(customer_api):
    send(customer_api, query="")
    assert False
""",
    )

    ran = suite.run("--mock-strict")

    assert re.search(r"1 failed, 1 passed.*, 1 error", ran.text), ran.text
    assert ran.text.count("did not expect that:\n") == 1


CODES = """
import pytest
from client import *

@pytest.mark.parametrize("customer", [5, 6])
def test_earned(customer_api, customer):
    send(customer_api, customer)

def test_forced(customer_api):
    customer_api.fail(8018)
    send(customer_api)
    customer_api.fail(8015)
    send(customer_api)

def test_warned(customer_api):
    send(customer_api, body={"profiles": [{"commChannels": [{"type": "email", "value": "no"}]}]})
    customer_api.fail(example="8058-warning")
    send(customer_api)
"""


@pytest.mark.parametrize("workers", [0, 3])
def test_codes_that_the_suite_never_met_or_by_force_only_are_listed_once(suite: Suite, workers: int) -> None:
    suite.write("test_it.py", CODES)

    ran = suite.run("--mock-strict", f"-n{workers}", plugins=("xdist",))

    assert ran.counts(passed=4), ran.text
    summary = " ".join(ran.text.partition("codes of the mock")[2].split())
    never, _, rest = summary.partition("never met, and to be met by force only (")
    forced_only, _, by_force = rest.partition("met by force only (")
    assert re.search(r"\bnever met \([0-9]+\): 400, .*\b8003, ", never), ran.text
    assert "503" in forced_only
    assert by_force.startswith("2): 8018, 8058-warning ")
    assert "8015" not in summary
    assert "8057-warning" not in summary
    assert len(re.findall(r"\b8003\b", summary)) == 1


def test_a_run_that_never_asks_the_mock_says_so(suite: Suite) -> None:
    suite.write("test_it.py", "def test_it(): pass\n")

    assert "no test of this run asked the mock" in suite.run("--mock-strict").text
    assert "codes of the mock" not in suite.run().text


MISSPELT = """
from client import *

def test_body(customer_api):
    assert send(customer_api, body={"profils": [{"firstName": "Tom"}]})[0] == 200

def test_asserted_by_status(customer_api):
    send(customer_api, body={"profiles": [{"firstname": "Tom"}]})
    customer_api.assert_requested(status=200)

def test_query(customer_api):
    send(customer_api, query="source=INSTORE&accountID=7")

def test_refused_by_the_rules(customer_api):
    send(customer_api, 171891945, query="source=WECHAT&accountid=22232")

def test_forgotten(customer_api):
    send(customer_api, body={"loyaltyinfo": {}})
    customer_api.forget_requests()
"""

EXPECTED_MISSPELT = """
import pytest
from client import *

def test_within(customer_api):
    with customer_api.expecting_misspelt():
        send(customer_api, body={"profils": []})

def test_by_its_refusal(customer_api):
    with customer_api.expecting_refusal(8003):
        send(customer_api, query="Source=INSTORE")
    with customer_api.expecting_misspelt():
        send(customer_api, query="Source=INSTORE")
    send(customer_api, 171891945, query="source=WECHAT&accountid=22232")
    customer_api.assert_requested(code=8045)

def test_harmless(customer_api):
    send(customer_api, body={"foo": 1, "profiles": [{"associatedWith": "till", "fields": {"gendr": "x"}}]})

def test_forced(customer_api):
    customer_api.fail(8018)
    send(customer_api, body={"profils": []})

def test_none_came(customer_api):
    with pytest.raises(AssertionError, match="a misspelt name was expected, but none came:\\n  nothing was requested"):
        with customer_api.expecting_misspelt():
            pass
"""


def test_a_misspelt_name_fails_its_test_whatever_was_answered(suite: Suite) -> None:
    suite.write("test_it.py", MISSPELT)

    ran = suite.run("--mock-strict")

    assert ran.counts(failed=5), ran.text
    assert suite.run().counts(passed=5)


def test_a_misspelt_name_that_is_expected_fails_nothing(suite: Suite) -> None:
    suite.write("test_it.py", EXPECTED_MISSPELT)

    ran = suite.run("--mock-strict")

    assert ran.counts(passed=5), ran.text


def test_the_failure_names_what_was_meant_and_tells_refusals_apart(suite: Suite) -> None:
    suite.write(
        "test_it.py",
        "from client import *\n\ndef test_it(customer_api):\n"
        "    send(customer_api, body={'profils': []})\n    send(customer_api, query='')\n",
    )

    told = suite.run("--mock-strict").text.partition("--mock-strict: ")[2].partition("\n---")[0]

    assert re.sub(r"x[0-9]+ ", "x ", told) == (
        "the contract refused a request of this test, and the test did not expect that:\n"
        "  x PUT /v2/customers/171891944 -> 400 8003 (query/source: is missing)\n"
        '    repair: set query/source to "INSTORE"\n'
        "Fix the client; or expect it, with customer_api.expecting_refusal() or assert_requested(code=…).\n"
        "--mock-strict: names that the contract does not know are likely misspelt in a request of this test:\n"
        "  x PUT /v2/customers/171891944?source=INSTORE -> 200 "
        "(body/profils: did you mean profiles?; body/profils: is not part of the contract)\n"
        "    body/profils: did you mean profiles?\n"
        "Fix the client; or expect it, with customer_api.expecting_misspelt()."
    )
