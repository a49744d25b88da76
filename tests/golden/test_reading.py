"""Laws of reading golden exchanges: what is wrong in a file is said with its line and the cure, and nothing is sent."""

from pathlib import Path

import pytest

from mockserver.domain.record import RecordProblem
from mockserver.errors import ExchangeError
from mockserver.exchange import Setting
from mockserver.files import World
from mockserver.messages import Request
from mockserver.verification.checks import Plan, Unfit
from mockserver.verification.expectation import Expectation, matches
from mockserver.verification.findings import Step
from mockserver.verification.golden import check_of
from mockserver.verification.golden_files import read_golden_exchanges
from mockserver.verification.golden_placeholders import PLAIN
from mockserver.verification.golden_reading import read_golden
from mockserver.verification.golden_shape import TYPES
from mockserver.verification.golden_values import VALUES
from mockserver.verification.target import Leave, Place, read_place
from tests.golden.running import WORD, a_situation

HEAD = "title: A law\nleave: writes\n"
SEND = HEAD + "send: {body: {}}\n"
EXPECT = HEAD + "expect: {status: 200}\n"

WRONG = [
    pytest.param("titel: A law\n", 1, "did you mean title?", id="a misspelt member"),
    pytest.param("leave: writes\nsend: {}\nexpect: {status: 200}\n", 1, "title is missing", id="no title"),
    pytest.param(EXPECT, 1, "add send", id="nothing sent"),
    pytest.param(SEND, 1, "add expect", id="nothing expected"),
    pytest.param(SEND + "expect: {}\n", 4, "expect a status at least", id="an empty expectation"),
    pytest.param(HEAD + "steps: []\n", 3, "write one send and expect at least", id="no steps"),
    pytest.param(HEAD + "steps:\n  - send: {}\n", 4, "expect is missing", id="a step without expectation"),
    pytest.param(EXPECT + "steps: [{send: {}, expect: {status: 1}}]\n", 3, "move expect into steps", id="both forms"),
    pytest.param(SEND + "expect: {stauts: 200}\n", 4, "did you mean status?", id="a misspelt expectation"),
    pytest.param(SEND + "expect: {status: OK}\n", 4, "is not of type integer or array", id="a status in words"),
    pytest.param(SEND + "expect: {warnings: 8057}\n", 4, "is not of type array", id="a warning without a list"),
    pytest.param(EXPECT + "statements: [UPD-LIM-33]\nsend: {}\n", 4, "did you mean UPD-LIM-3?", id="no statement"),
    pytest.param(EXPECT + "questions:\n  - null-valu\nsend: {}\n", 5, "did you mean null-value?", id="no question"),
    pytest.param("leave: write\n" + EXPECT[len(HEAD) :] + "title: A\nsend: {}\n", 1, "writes?", id="an unknown leave"),
    pytest.param("title: A\nsend: {}\nexpect: {status: 200}\n", 2, "add leave: writes", id="a write without leave"),
    pytest.param(EXPECT + "send:\n  method: put\n", 5, "follow ^[A-Z]+$", id="a method in small letters"),
    pytest.param(EXPECT + "send: {operation: reed}\n", 4, "did you mean read?", id="an unknown operation"),
    pytest.param(EXPECT + "send: {to: nobody}\n", 4, "write one of customer, unknown", id="an unknown addressee"),
    pytest.param(EXPECT + "send: {query: {use_async: {}}}\n", 4, "is not of type", id="a parameter that is an object"),
    pytest.param(EXPECT + "send: {headers: {X-A: 5}}\n", 4, "put it in quotes", id="a header that is a number"),
    pytest.param(EXPECT + "send:\n  body:\n    a: .nan\n", 6, "put it in quotes", id="a body that is not a number"),
    pytest.param(
        EXPECT + "send:\n  body: !!binary AAAA\n", 5, "!!binary makes what JSON has no value for", id="a body of bytes"
    ),
    pytest.param(EXPECT + "send:\n  body: {}\n  raw: x\n", 6, "keep one of them", id="two bodies"),
    pytest.param(EXPECT + "send:\n  raw_base64: a\n", 5, "is not written as it must be", id="no base64"),
    pytest.param(EXPECT + 'send:\n  path: "/{custommer}"\n', 5, "did you mean customer?", id="an unknown placeholder"),
    pytest.param(EXPECT + 'send:\n  body: {a: "{b"}\n', 5, "write {{ and }}", id="a brace alone"),
    pytest.param(EXPECT + "send:\n  body:\n    a: {word}\n", 6, 'write "{word}"', id="a placeholder without quotes"),
    pytest.param(EXPECT + 'send:\n  body: {a: "{state:firstname}"}\n', 5, "did you mean firstName?", id="no path"),
    pytest.param(EXPECT + 'send:\n  body: {a: "{other:firstName}"}\n', 5, "{other:PATH:A|B}", id="no choice"),
    pytest.param(
        EXPECT + "send: {}\ngiven:\n  loyalty: x\n", 6, "did you mean loyaltyType?", id="an unknown path given"
    ),
    pytest.param(
        SEND + "expect:\n  changes: {name: x}\n", 5, "begin with commChannels", id="an unknown path of changes"
    ),
    pytest.param(SEND + "expect:\n  body:\n    a: {$contain: []}\n", 6, "did you mean $contains?", id="no matcher"),
    pytest.param(SEND + "expect:\n  body: {a: {$any: true, b: 1}}\n", 5, "stand alone", id="a matcher among others"),
    pytest.param(SEND + 'expect:\n  body: {a: {$like: "("}}\n', 5, "a regular expression", id="no expression"),
    pytest.param(SEND + "expect:\n  body: {a: {$type: text}}\n", 5, "one of object", id="an unknown type"),
    pytest.param(SEND + "expect:\n  body: {a: {$at_least: many}}\n", 5, "a number", id="no number"),
    pytest.param(SEND + "expect:\n  body: {a: {$instant: 2024-01-01}}\n", 5, "a date and time", id="no moment"),
    pytest.param(
        EXPECT + "send: {}\nanswers:\n  loyalty-downgrad: ignore\n",
        6,
        "did you mean loyalty-downgrade?",
        id="no question",
    ),
    pytest.param(
        EXPECT + "send: {}\nanswers:\n  loyalty-downgrade: ignroe\n", 6, "did you mean ignore?", id="an unknown answer"
    ),
    pytest.param(EXPECT + "send: {}\nanswers:\n  account-missing: 8054\n", 6, "account-missing", id="no text"),
    pytest.param(EXPECT + "send: {repeat: 2}\n", 4, "write raw beside it", id="nothing to repeat"),
    pytest.param(EXPECT + "send: {}\ncustomer: Tom\n", 5, "write ID, ID@SOURCE", id="no customer"),
    pytest.param("title: a\ntitle: b\n", 2, "stands twice", id="a member that stands twice"),
    pytest.param("- a\n", 1, "not a mapping", id="a list"),
]


@pytest.mark.parametrize(("text", "line", "said"), WRONG)
def test_what_is_wrong_is_said_with_file_line_and_cure(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ExchangeError) as caught:
        read_golden_exchanges([path])

    assert str(caught.value).startswith(f"{path}:{line}:")
    assert said in str(caught.value)


def test_folders_and_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.yaml").write_text("title: A\nsend: {operation: read}\nexpect: {status: 200}\n")

    assert [golden.name for golden in read_golden_exchanges([tmp_path])] == ["a", "b"]
    with pytest.raises(ExchangeError, match=r"another exchange is named a too; rename"):
        read_golden_exchanges([tmp_path, tmp_path / "a.yaml"])


def test_a_folder_without_exchanges_and_a_file_that_is_not_there_are_said(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="holds no YAML file"):
        read_golden_exchanges([tmp_path])
    with pytest.raises(ExchangeError, match="cannot be read"):
        read_golden_exchanges([tmp_path / "nowhere.yaml"])


def test_the_names_of_types_and_placeholders_are_those_that_have_a_meaning() -> None:
    assert all(isinstance(matches({"$type": name}, 1), bool) for name in TYPES)
    assert set(PLAIN) == VALUES.keys()


def _plan(record: dict[str, object], setting: Setting, demo: World, place: str = "171891945@WECHAT:22232") -> Plan:
    golden = read_golden({"title": "A law", **record}, "a-law", statements=frozenset(), questions=frozenset())
    assert not isinstance(golden, RecordProblem), golden
    return check_of(golden).plan(a_situation(setting, demo, read_place(place)))


def _read(**send: object) -> dict[str, object]:
    return {"leave": "irreversible", "send": send, "expect": {"status": 200}}


@pytest.mark.parametrize(
    ("send", "method", "path", "query"),
    [
        ({}, "PUT", "/v2/customers/171891945", "source=WECHAT&accountId=22232"),
        ({"to": "unknown"}, "PUT", "/v2/customers/171891900", "source=WECHAT&accountId=22232"),
        ({"operation": "read"}, "GET", "/v2/customers/171891945", "source=ALL"),
        ({"operation": "loyaltyDetails"}, "GET", "/v2/customers/171891945/loyaltyDetails", ""),
        ({"query": "a=b"}, "PUT", "/v2/customers/171891945", "a=b"),
        (
            {"query": {"source": "A B", "x": [1, True]}},
            "PUT",
            "/v2/customers/171891945",
            "accountId=22232&source=A%20B&x=1&x=true",
        ),
        ({"query": {"accountId": None}}, "PUT", "/v2/customers/171891945", "source=WECHAT"),
        (
            {"path": "/{source}/{account}/{{{word}}}"},
            "PUT",
            f"/WECHAT/22232/{{{WORD}}}",
            "source=WECHAT&accountId=22232",
        ),
    ],
)
def test_what_is_not_said_of_a_request_goes_by_the_place(
    setting: Setting, demo: World, send: dict[str, object], method: str, path: str, query: str
) -> None:
    plan = _plan(_read(**send), setting, demo)

    assert plan == (Step(request=Request(method=method, path=path, query=query), expect=Expectation(status=200)),)


def test_a_body_is_sent_as_json_and_placeholders_keep_their_types(setting: Setting, demo: World) -> None:
    told = {
        "{channel.type}": "{channel.value}!",
        "a": ["{customer}", "{not:channel.verified}", "{text:customer}", "{{{{", "{state:lastName}"],
        "b": ["{enrolled}", "{enrolled.tier}", "{enrolled.other}", "{program}", "{program.tier}"],
        "c": ["{email}", "{field}", "{extended}", "{other:fields/gender:MALE|FEMALE}", "{unknown}"],
    }

    plan = _plan(_read(body=told, headers={"X-Word": "{word}"}), setting, demo)

    assert isinstance(plan, tuple)
    [step] = plan
    assert step.request.headers == {"content-type": "application/json", "x-word": WORD}
    assert step.request.body.decode() == (
        '{"wechat": "wc_1945!", "a": [171891945, false, "171891945", "{{", "Kulkarni"], "b": [699, 2, 1, 1016, 2], '
        '"c": ["email:ravi.k@example.com", "city", "city", "FEMALE", 171891900]}'
    )


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"given": {"loyaltyType": "non_loyalty"}}, 'loyaltyType is "loyalty"; the exchange needs "non_loyalty"'),
        ({"given": {"firstName": {"$absent": True}}}, 'firstName is "Ravi"; the exchange needs nothing'),
        ({"given": {"source": "INSTORE"}}, 'source is "WECHAT"; the exchange needs "INSTORE"'),
        ({"given": {"account": None}}, 'account is "22232"; the exchange needs nothing'),
        ({"given": {"commChannels/{mobile}/primary": True}}, "171891945@WECHAT:22232 has no mobile channel"),
        (_read(body={"a": "{state:fields/shoe}"}), "171891945@WECHAT:22232 holds nothing at fields/shoe"),
        (_read(body={"a": "{not:channel.value}"}), "channel.value is wc_1945, neither yes nor no"),
        ({"customer": "171891945@INSTORE"}, "the exchange is about 171891945@INSTORE"),
    ],
)
def test_why_an_exchange_does_not_fit_a_customer_is_said(
    setting: Setting, demo: World, record: dict[str, object], reason: str
) -> None:
    plan = _plan({**_read(), **record}, setting, demo)

    assert isinstance(plan, Unfit)
    assert plan.reason.startswith(reason)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("account", "171891944@INSTORE"),
        ("enrolled", "171891944@INSTORE"),
        ("enrolled.other", "171891944@INSTORE"),
        ("extended", "171891948@MARTJACK"),
        ("mobile", "171891946@WECHAT:1234"),
    ],
)
def test_a_placeholder_without_a_value_makes_the_exchange_unfit(
    setting: Setting, demo: World, name: str, place: str
) -> None:
    assert isinstance(_plan(_read(body=f"{{{name}}}"), setting, demo, place), Unfit)


@pytest.mark.parametrize(
    ("body", "expect", "looks"),
    [
        ({}, {"changes": {}}, False),
        ({"loyaltyInfo": {}}, {"changes": {}}, True),
        ({"loyaltyProgramEnrollments": []}, {"changes": {}}, True),
        ({}, {"changes": {"programs/1016/tier": 1}}, True),
        ({"loyaltyInfo": {}}, {"changes": {}, "programs": False}, False),
        ({"loyaltyInfo": {}}, {"status": 200}, False),
    ],
)
def test_programs_are_looked_at_where_an_exchange_is_about_them(
    setting: Setting, demo: World, body: object, expect: dict[str, object], looks: bool
) -> None:
    plan = _plan({"leave": "irreversible", "send": {"body": body}, "expect": expect}, setting, demo)

    assert isinstance(plan, tuple)
    assert [step.looks_at_programs for step in plan] == [looks]


def test_changes_are_those_of_the_addressed_profile_and_null_is_gone(setting: Setting, demo: World) -> None:
    changes = {"firstName": None, "fields/{field}": {"$type": None}, "loyaltyType": "{word}", "profiles/JD": "there"}

    plan = _plan({"leave": "writes", "send": {}, "expect": {"changes": changes}}, setting, demo)

    assert isinstance(plan, tuple)
    assert plan[0].expect.changes == {
        "profiles/WECHAT:22232/firstName": {"$absent": True},
        "profiles/WECHAT:22232/fields/city": {"$type": "null"},
        "loyaltyType": WORD,
        "profiles/JD": "there",
    }


def test_an_exchange_is_planned_only_where_the_expected_dialect_has_its_answers(setting: Setting, demo: World) -> None:
    record = {**_read(), "answers": {"loyalty-downgrade": "ignore"}}
    assert setting.dialects is not None
    other = setting.under(setting.dialects.with_answers(setting.dialect, ("loyalty-downgrade", "ignore")))

    assert _plan(record, setting, demo) == Unfit(
        "8018 is the expected answer to loyalty-downgrade; the exchange needs ignore"
    )
    assert not isinstance(_plan(record, other, demo), Unfit)


def test_a_raw_text_may_be_sent_over_and_over(setting: Setting, demo: World) -> None:
    plan = _plan(_read(raw="ab", repeat=3), setting, demo)

    assert isinstance(plan, tuple)
    assert plan[0].request.body == b"ababab"


def test_a_check_is_named_after_the_file_and_carries_what_it_says(setting: Setting, demo: World) -> None:
    record = {**_read(), "title": "A law", "statements": ["S"], "questions": ["q"], "came": "x", "customer": 1}
    golden = read_golden(record, "stem", statements={"S"}, questions={"q"})
    assert not isinstance(golden, RecordProblem)

    check = check_of(golden)

    assert (check.id, check.law, check.statements, check.questions) == ("stem", "A law", ("S",), ("q",))
    assert check.leave is Leave.IRREVERSIBLE
    assert (golden.place, golden.came) == (Place(customer=1), "x")
