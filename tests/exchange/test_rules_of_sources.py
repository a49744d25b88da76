"""The rules of the address of an update: customer, source and account."""

import pytest

from mockserver.exchange import Setting
from mockserver.files import World
from tests.exchange.rows import Row, channels, profile, verify

_TOM = profile(firstName="Tom")
_WECHAT = 171891945

ROWS = (
    Row(
        law="a put never creates a customer",
        to=171891900,
        body=_TOM,
        code=8015,
        says=("UPD-ERR-1",),
        why="path/userId: ",
    ),
    Row(law="customer 0 is unknown", to=0, body=_TOM, code=8015),
    Row(law="the largest id is unknown", to=999999999, body=_TOM, code=8015),
    Row(law="a leading zero makes another id", to="0171891944", body=_TOM, code=8015, asks=("user-id-form",)),
    Row(law="blanks around an id make another", to="%20171891944", body=_TOM, code=8015, never_asks=("user-id-form",)),
    Row(law="a newline is part of an id", to="171891944%0A", body=_TOM, code=8015, never_asks=("user-id-form",)),
    Row(law="a word is no id", to="abc", body=_TOM, code=8015, never_asks=("user-id-form",)),
    Row(law="an exponent is no id", to="1e3", body=_TOM, code=8015),
    Row(law="a sign is no id", to="-171891944", body=_TOM, code=8015),
    Row(law="other digits are no id", to="%E0%A5%A7", body=_TOM, code=8015),
    Row(law="broken percent-encoding is no id", to="%zz", body=_TOM, code=8015),
    Row(
        law="a merged customer names its survivor",
        to=171891949,
        body=_TOM,
        code=8067,
        asks=("update-of-merged",),
        message="171891945",
    ),
    Row(law="a source must be named", query="", body=_TOM, code=8003, asks=("source-missing",), why="query/source: "),
    Row(law="an empty source is unknown", query="source=", body=_TOM, code=8003, asks=("source-unknown",)),
    Row(law="an unknown source", query="source=FAX", body=_TOM, code=8003, asks=("source-unknown",)),
    Row(law="the case of a source matters", query="source=instore", body=_TOM, code=8003, asks=("source-unknown",)),
    Row(law="ALL is no source of an update", query="source=ALL", body=_TOM, code=8003, asks=("source-unknown",)),
    Row(
        law="a source may be named once only",
        query="source=INSTORE&source=INSTORE",
        body=_TOM,
        code=400,
        asks=("repeated-parameter",),
    ),
    Row(law="the source comes before the customer", to=1, query="source=FAX", code=8003, asks=("source-unknown",)),
    Row(
        law="a source with several accounts needs one",
        to=_WECHAT,
        query="source=WECHAT",
        body=_TOM,
        code=8045,
        asks=("account-missing",),
        says=("UPD-QRY-2",),
        why="query/accountId: is missing; WECHAT has the accounts 1234, 22232",
    ),
    Row(
        law="an empty account is a missing one",
        to=_WECHAT,
        query="source=WECHAT&accountId=",
        body=_TOM,
        code=8045,
        asks=("account-missing", "account-empty"),
    ),
    Row(
        law="an empty account is none of a source with one account",
        query="source=INSTORE&accountId=",
        body=_TOM,
        asks=("account-empty",),
        changes={"INSTORE/firstName": "Tom"},
    ),
    Row(
        law="an unknown account",
        to=_WECHAT,
        query="source=WECHAT&accountId=9",
        body=_TOM,
        code=3217,
        asks=("account-unknown",),
        says=("UPD-ERR-2",),
    ),
    Row(
        law="an account of another source is unknown",
        to=_WECHAT,
        query="source=WECHAT&accountId=fb-1",
        body=_TOM,
        code=3217,
        asks=("account-unknown",),
    ),
    Row(
        law="a source with one account takes none",
        query="source=INSTORE&accountId=22232",
        body=_TOM,
        code=3217,
        asks=("account-on-single-account-source",),
        says=("UPD-ERR-2",),
    ),
    Row(
        law="the other sources of a customer stay",
        to=_WECHAT,
        query="source=WECHAT&accountId=22232",
        body=channels({"type": "email", "value": "ravi.k@example.com", "verified": True}),
        says=("UPD-QRY-2",),
        changes={"WECHAT:22232/email:ravi.k@example.com": (True, True, {"residence": True, "office": False})},
    ),
    Row(
        law="the other accounts of a source stay",
        to=171891947,
        query="source=FACEBOOK&accountId=fb-2",
        body=_TOM,
        changes={"FACEBOOK:fb-2/firstName": "Tom"},
    ),
    Row(
        law="a new account gets a profile of its own",
        to=_WECHAT,
        query="source=WECHAT&accountId=1234",
        body=_TOM,
        asks=("no-profile-in-source",),
        changes={"WECHAT:1234": "there", "WECHAT:1234/firstName": "Tom", "WECHAT:1234/lastName": None},
    ),
    Row(
        law="a lookup needs its type",
        headers={"x-cap-api-attribution-lookup": "x"},
        body=_TOM,
        code=1061,
        asks=("attribution-headers",),
    ),
    Row(
        law="a lookup type must be known",
        headers={"x-cap-api-attribution-lookup-type": "PIGEON"},
        body=_TOM,
        code=400,
        asks=("attribution-headers",),
        why="header/X-CAP-API-ATTRIBUTION-LOOKUP-TYPE",
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_rule_of_sources(row: Row, setting: Setting, demo: World) -> None:
    verify(row, setting, demo)
