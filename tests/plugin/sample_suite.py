"""A suite as users write them: 300 tests that all update the same customer, each in a world of its own.

It is copied into a folder and run there by `test_isolation.py`, and by `benchmarks/plugin_share.py`.
"""

import http.client
import json
from urllib.parse import urlsplit

import pytest

from mockserver import CustomerApi

CUSTOMER = 171891944
TESTS = 300


def rename(api: CustomerApi, name: str) -> int:
    """Send one update, as a client would, and return the status."""
    address = urlsplit(api.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
    body = json.dumps({"profiles": [{"firstName": name}]})
    headers = {**api.headers, "Content-Type": "application/json"}
    try:
        connection.request("PUT", f"{address.path}/v2/customers/{CUSTOMER}?source=INSTORE", body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@pytest.mark.parametrize("number", range(TESTS))
def test_a_test_sees_its_own_change_only(customer_api: CustomerApi, number: int) -> None:
    assert customer_api.customer(CUSTOMER).profile("INSTORE").first_name == "Asha"
    assert not customer_api.requests

    assert rename(customer_api, f"T{number}") == 200

    assert customer_api.customer(CUSTOMER).profile("INSTORE").first_name == f"T{number}"
    (request,) = customer_api.requests
    assert request.json == {"profiles": [{"firstName": f"T{number}"}]}
    customer_api.assert_requested("updateCustomer", customer=CUSTOMER, times=1)
