"""Whatever comes in, an answer goes out that the contract describes."""

import json

from hypothesis import event, example, given
from hypothesis import strategies as st

from mockserver.exchange import Reply, Setting
from mockserver.files import World
from mockserver.messages import Request
from tests.exchange.mock import PAGE_CREDENTIALS, a_mock, body_of

_METHODS = ("PUT", "PUT", "PUT", "GET", "HEAD", "OPTIONS", "POST", "DELETE", "PATCH", "TRACE", "put", "")
_SEGMENTS = ("v2", "customers", "171891944", "171891945", "171891949", "900008018", "loyaltyDetails", "%2F", "", "..")
_PARTS = ("source=INSTORE", "source=WECHAT", "accountId=22232", "accountId=", "use_async=true", "use_async=1", "x", "%")
_KNOWN = (
    "profiles firstName lastName fields commChannels type value primary verified meta identifiers source accountId "
    "loyaltyInfo loyaltyType extendedFields loyaltyProgramEnrollments programId tierNumber loyaltyPoints "
    "tierExpiryDate pointsExpiryDate gender kids dob"
)
_NAMES = st.sampled_from(_KNOWN.split()) | st.text(max_size=8)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=12,
)


def _paths() -> st.SearchStrategy[str]:
    known = st.sampled_from((*_SEGMENTS[2:6], "0", "01", "abc", "%E0", "9" * 30)).map(lambda x: f"/v2/customers/{x}")
    details = known.map(lambda path: f"{path}/loyaltyDetails")
    near = st.lists(st.sampled_from(_SEGMENTS), max_size=5).map(lambda parts: "/" + "/".join(parts))
    return known | known | details | near | st.text(max_size=30)


def _headers() -> st.SearchStrategy[dict[str, str]]:
    json_types = ("application/json", "application/json; charset=utf-8", "text/plain")
    prefer = ("code=8018", "code=429", "example=points", "example=x", "code=", "wait=1", ",;=")
    return st.fixed_dictionaries(
        {},
        optional={
            "authorization": st.just(PAGE_CREDENTIALS) | st.just(PAGE_CREDENTIALS) | st.text(max_size=20),
            "content-type": st.sampled_from(json_types) | st.text(max_size=20),
            "accept": st.sampled_from(("*/*", "application/json", "text/html")) | st.text(max_size=20),
            "prefer": st.sampled_from(prefer) | st.text(max_size=20),
            "x-cap-api-oauth-token": st.text(max_size=20),
            "x-cap-api-attribution-lookup": st.text(max_size=5),
            "x-cap-api-attribution-lookup-type": st.sampled_from(("WECHAT", "x")),
            "user-context-entity-type": st.text(max_size=20),
        },
    )


def _bodies() -> st.SearchStrategy[bytes]:
    written = _JSON.map(lambda value: json.dumps(value).encode())
    return (
        st.just(b"")
        | st.binary(max_size=60)
        | written
        | st.dictionaries(_NAMES, _JSON).map(lambda value: json.dumps(value).encode())
    )


def requests() -> st.SearchStrategy[Request]:
    """Draw any request at all, often one that comes near to a sound one."""
    return st.builds(
        Request,
        method=st.sampled_from(_METHODS) | st.text(max_size=10),
        path=_paths(),
        query=st.lists(st.sampled_from(_PARTS), max_size=4).map("&".join) | st.text(max_size=30),
        headers=_headers(),
        body=_bodies(),
        oversized=st.sampled_from((False,) * 19 + (True,)),
        undecodable=st.sampled_from(("",) * 19 + ("is not gzip",)),
    )


def verify(setting: Setting, request: Request, reply: Reply) -> None:
    """Hold an answer against the contract."""
    body = body_of(reply)
    for name, value in reply.response.headers.items():
        assert name.isascii()
        assert value.isascii()
        assert value.isprintable()
        assert len(value) <= 1024
    if reply.response.status == 204:
        assert (request.method, body) == ("OPTIONS", None)
        return
    operation = setting.contract.operations[reply.operation or "updateCustomer"]
    assert operation.judge_response(reply.response.status, body) == ()
    if reply.response.status >= 400:
        [error] = body["errors"]
        assert error["status"] is False
        assert error["code"] == reply.code
        assert reply.changed == ()


@given(request=requests())
@example(request=Request(method="PUT", path="/v2/customers/1", headers={"x-cap-api-oauth-token": "\udcff"}))
def test_every_request_gets_an_answer_that_keeps_the_contract(setting: Setting, demo: World, request: Request) -> None:
    reply = a_mock(setting, demo).receive(request)

    event(f"status {reply.response.status}")
    verify(setting, request, reply)


@given(body=_bodies(), number=st.sampled_from((171891944, 171891945, 171891948)))
def test_every_body_gets_an_answer_that_keeps_the_contract(
    setting: Setting, demo: World, body: bytes, number: int
) -> None:
    request = Request(
        method="PUT",
        path=f"/v2/customers/{number}",
        query="source=INSTORE",
        headers={"authorization": PAGE_CREDENTIALS, "content-type": "application/json"},
        body=body,
    )
    mock = a_mock(setting, demo)

    reply = mock.receive(request)

    event(f"status {reply.response.status}")
    verify(setting, request, reply)
    assert mock.get(number).response.status == 200
