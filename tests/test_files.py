"""Laws of the files: what is bundled can be read, and what is broken is said with file, line and cure."""

import re
from hashlib import md5
from pathlib import Path

import pytest
import yaml

from mockserver.config import read_target
from mockserver.domain.customer import CustomerId
from mockserver.domain.dialect import Dialect
from mockserver.errors import ContractError, DialectError, WorldError
from mockserver.exchange.dialects import Dialects
from mockserver.files import (
    Specification,
    World,
    bundled,
    list_worlds,
    read_contract_document,
    read_control_document,
    read_dialect,
    read_questions,
    read_world,
    write_text,
)
from mockserver.values import replace

ORGANISATION = """\
organisation:
  sources:
    INSTORE: {}
    WECHAT: {accounts: [a-1]}
  programs:
    - {id: 1, name: One, tiers: [{number: 1, name: Low}]}
attribution: {createDate: "2024-01-01T00:00:00Z", createdBy: t, modifiedDate: "2024-01-01T00:00:00Z", modifiedBy: t}
"""
CUSTOMER = "customers:\n  - id: 1\n    loyaltyType: loyalty\n"


def write(folder: Path, text: str) -> str:
    path = folder / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_every_bundled_world_can_be_read() -> None:
    assert list_worlds() == ("demo", "empty", "single-eligibility")
    assert [read_world(name).name for name in list_worlds()] == list(list_worlds())


def test_the_demo_world_holds_what_its_users_rely_on(demo: World) -> None:
    customers, organisation = demo.customers, demo.organisation

    assert sorted(customers) == list(range(171891944, 171891962))
    assert customers[CustomerId(171891944)].loyalty_type == "non_loyalty"
    assert customers[CustomerId(171891944)].enrolments == ()
    assert customers[CustomerId(171891949)].merged_into == 171891945
    gold = customers[CustomerId(171891945)].enrolment_in(699)
    assert gold is not None
    assert (gold.points, gold.tier) == (120, 2)
    assert {name for name, source in organisation.sources.items() if source.accounts} == {
        "WECHAT",
        "FACEBOOK",
        "LINE",
        "MOBILE_APP",
        "WEB_ENGAGE",
    }
    assert [tier.number for tier in organisation.programs[1016].tiers] == [1, 2, 3, 234]
    assert organisation.default_program == 699
    assert organisation.dual_eligibility
    assert not read_world("single-eligibility").organisation.dual_eligibility
    assert not read_world("empty").customers


@pytest.mark.parametrize("number", [171891944, 171891945, 171891947])
def test_the_main_customers_have_enough_to_update(demo: World, number: int) -> None:
    customer = demo.customers[CustomerId(number)]

    assert {"gender", "city"} <= customer.extended_fields.keys()
    for profile in customer.profiles:
        assert profile.last_name
        assert {"gender", "city"} <= profile.fields.keys()
        assert len(profile.channels) >= 2
        assert all(channel.meta for channel in profile.channels)


def test_every_question_has_an_answer_and_its_evidence(documented: Dialect) -> None:
    dialect = documented

    assert dialect.answers.keys() == dialect.evidence.keys()
    assert set(dialect.evidence.values()) == {"assumed", "published", "documented"}
    assert dialect["omitted-field"] == "keep"


def test_the_documented_dialect_holds_our_answer_to_every_question() -> None:
    text = bundled("fixtures", "dialects", "documented.yaml").read_text(encoding="utf-8")
    questions = read_questions()

    assert yaml.safe_load(text) == {
        "name": "documented",
        "answers": {name: question.ours for name, question in questions.items()},
    }


def test_our_answer_is_always_a_possible_and_implemented_one() -> None:
    for question in read_questions().values():
        assert question.ours in question.implemented, question.id
        assert question.unimplemented | question.stricter | question.contract.keys() <= question.answers.keys()
        assert question.basis in {"assumed", "published", "documented"}
        assert all([question.asks, question.evidence, question.reason, *question.answers.values()])


def test_a_dialect_differs_in_what_it_names_and_is_named_after_its_file(dialects: Dialects, tmp_path: Path) -> None:
    path = tmp_path / "staging.yaml"
    path.write_text("answers:\n  account-missing: 8015\n  use-async-default: true\n", encoding="utf-8")

    dialect = read_dialect(dialects, path)

    assert dialect.name == "staging"
    assert (dialect["account-missing"], dialect["use-async-default"]) == ("8015", "true")
    assert dialect.evidence["account-missing"] == "assumed"
    ours = read_dialect(dialects)
    named = {"account-missing", "use-async-default"}
    assert {key for key in ours.answers if ours[key] != dialect[key]} == named


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        pytest.param("answer: {}\n", 1, "did you mean answers?", id="an unknown member"),
        pytest.param("answers: [keep]\n", 1, "is no mapping", id="a list of answers"),
        pytest.param("answers:\n  null-valu: keep\n", 2, "did you mean null-value?", id="an unknown question"),
        pytest.param("answers:\n\n  null-value: clera\n", 3, "did you mean clear?", id="an unknown answer"),
        pytest.param("answers: {null-value: [keep]}\n", 1, "is no answer", id="a list for an answer"),
        pytest.param("answers:\n  concurrent-update: 521\n", 2, "not implemented yet", id="an answer to come"),
        pytest.param("answers: {a: b\n", 2, "is not YAML", id="no YAML"),
    ],
)
def test_a_broken_dialect_is_said_with_file_line_and_cure(
    dialects: Dialects, tmp_path: Path, text: str, line: int, said: str
) -> None:
    path = write(tmp_path, text)

    with pytest.raises(DialectError) as caught:
        read_dialect(dialects, Path(path))

    message = str(caught.value)
    assert message.startswith(f"{path}:{line}: ")
    assert said in message


def test_questions_that_cannot_be_read_are_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "openapi" / "questions" / "shared.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("questions:\n  - id: one\n", encoding="utf-8")

    with pytest.raises(DialectError, match=r"shared\.yaml:2: .*Missing"):
        read_questions(Specification(folders=(tmp_path,)))


def test_both_contracts_are_openapi_3_1() -> None:
    assert read_contract_document()["openapi"].startswith("3.1")
    assert read_control_document()["openapi"].startswith("3.1")


def test_keys_of_a_contract_are_text_as_in_json(tmp_path: Path) -> None:
    path = Path(write(tmp_path, "responses:\n  200: {}\n  on: 2024-01-01\n"))

    assert read_contract_document(path) == {"responses": {"200": {}, "on": "2024-01-01"}}


def test_a_contract_may_be_json(tmp_path: Path) -> None:
    assert read_contract_document(Path(write(tmp_path, '{"openapi": "3.1.0"}'))) == {"openapi": "3.1.0"}


def test_a_broken_contract_is_said_with_file_and_line(tmp_path: Path) -> None:
    path = Path(write(tmp_path, "openapi: 3.1.0\npaths: {\n"))

    with pytest.raises(ContractError, match=r"broken\.yaml:3: is not YAML"):
        read_contract_document(path)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        pytest.param("customers: [\n", 2, "is not YAML", id="no YAML"),
        pytest.param(ORGANISATION + "custmers: []\n", 8, "custmers", id="a misspelt member"),
        pytest.param(
            ORGANISATION + "customers:\n  - id: 1\n    loyaltyType: gold\n", 10, "gold", id="a type that is none"
        ),
        pytest.param(
            ORGANISATION + "customers:\n  - id: 1\n    loyaltyType: loyalty\n    profiles:\n      - source: INSTOR\n",
            12,
            "did you mean INSTORE?",
            id="an unknown source",
        ),
        pytest.param(
            ORGANISATION + "customers:\n  - {id: 1, loyaltyType: loyalty}\n  - {id: 1, loyaltyType: loyalty}\n",
            10,
            "1 stands twice",
            id="a customer twice",
        ),
        pytest.param(
            ORGANISATION
            + "customers:\n  - id: 1\n    loyaltyType: loyalty\n    loyaltyProgramEnrollments:\n"
            + "      - {programId: 1, tierNumber: 7}\n",
            12,
            "the organisation has 1",
            id="an unknown tier",
        ),
        pytest.param(ORGANISATION + "customers: []\ncustomers: []\n", 9, "stands twice", id="a key twice"),
        pytest.param("customers: []\n", 1, "add sources", id="no organisation"),
        pytest.param(ORGANISATION + "customers:\n  - 7\n", 9, "not of type object", id="a customer that is none"),
        pytest.param(ORGANISATION + "customers: {}\n", 8, "write a list", id="customers that are no list"),
        pytest.param("organisation: []\n", 1, "write a mapping", id="an organisation that is none"),
        pytest.param(
            ORGANISATION + CUSTOMER + "    profiles:\n      - source: INSTORE\n        frstName: A\n",
            13,
            "did you mean firstName?",
            id="a misspelt member of a profile",
        ),
        pytest.param(
            ORGANISATION + CUSTOMER + "    profiles:\n      - {source: WECHAT, accountId: 1}\n",
            12,
            "put it in quotes",
            id="a number for text",
        ),
        pytest.param(
            ORGANISATION + CUSTOMER + "    profiles:\n      - source: WECHAT\n        accountId: a-2\n",
            13,
            "did you mean a-1?",
            id="an unknown account",
        ),
        pytest.param(
            ORGANISATION + CUSTOMER + "    profiles: [{source: INSTORE},\n      {source: INSTORE}]\n",
            12,
            "keep one profile per source and account",
            id="two profiles of a source",
        ),
        pytest.param(
            ORGANISATION + CUSTOMER + "    loyaltyProgramEnrollments:\n      - {programId: 9, tierNumber: 1}\n",
            12,
            "the organisation has 1",
            id="an unknown program",
        ),
        pytest.param(
            ORGANISATION + CUSTOMER + "    extendedFields:\n      cty: X\n",
            12,
            "the organisation has none",
            id="an unknown extended field",
        ),
        pytest.param(
            ORGANISATION + CUSTOMER + "    profiles:\n      - source: INSTORE\n        fields: {size: L}\n",
            13,
            "the organisation has none",
            id="an unknown custom field",
        ),
        pytest.param(ORGANISATION.replace("id: 1", "idd: 1"), 6, "did you mean id?", id="a misspelt program"),
        pytest.param(ORGANISATION.replace("createdBy", "creator"), 7, "creator", id="a misspelt attribution"),
        pytest.param("organisation: {sources: {}}\n&a [1]: 2\n", 2, "no plain text", id="a key that is no text"),
        pytest.param("extends: demo\norganisation: {<<: {}}\n", 2, "write the members out", id="a merge key"),
        pytest.param("name: 1\nx: \x07\n", 2, "characters are not allowed", id="a control character"),
        pytest.param("extends: broken.yaml\n", 1, "extends itself", id="a world that extends itself"),
        pytest.param("extends: [demo]\n", 1, "write text", id="an origin that is no name"),
        pytest.param("", 1, "is empty", id="an empty file"),
    ],
)
def test_a_broken_world_is_said_with_file_line_and_cure(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = write(tmp_path, text)

    with pytest.raises(WorldError) as caught:
        read_world(path)

    message = str(caught.value)
    assert message.startswith(f"{path}:{line}: ")
    assert said in message


@pytest.mark.parametrize("text", ["- 1\n", "just text\n"])
def test_a_world_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(WorldError, match="not a mapping"):
        read_world(write(tmp_path, text))


def test_a_world_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(WorldError, match="did you mean demo"):
        read_world("demmo")
    with pytest.raises(WorldError, match=r"missing\.yaml: cannot be read"):
        read_world("missing.yaml")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("id: 07001", "07001 is not the same number"),
        ("id: 1:56:41", "1:56:41 is not the same number"),
        ("extendedFields: {city: no}", "no is read as true or false"),
        ("mergedInto: 1_000", "1_000 is not the same number"),
        ("loyaltyProgramEnrollments: [{programId: 699, tierNumber: 1, loyaltyPoints: 0100}]", "0100 is not the same"),
        ("profiles: [{source: INSTORE, commChannels: [{type: mobile, value: 0606060606}]}]", "0606060606 is not"),
        ("profiles: [{source: INSTORE, firstName: ~}]", "firstName: null is not of type string; put it in quotes"),
        ("profiles: [{source: INSTORE, firstName: true}]", "firstName: true is not of type string; put it in quotes"),
    ],
)
def test_a_value_that_yaml_would_change_is_refused_as_it_was_written(tmp_path: Path, written: str, said: str) -> None:
    start = "extends: demo\ncustomers:\n  - loyaltyType: loyalty\n"
    path = write(tmp_path, start + ("" if written.startswith("id:") else "    id: 7001\n") + f"    {written}\n")

    with pytest.raises(WorldError) as caught:
        read_world(path)

    assert re.match(rf"{re.escape(path)}:[45]: .*{re.escape(said)}", str(caught.value))


WORLD_TEXT = (
    "extends: demo\ncustomers:\n  - {id: 7001, loyaltyType: loyalty, profiles: [{source: INSTORE, firstName: É}]}\n"
)
LINES_TEXT = (
    '{"extends": "demo"}\n'
    '{"id": 7001, "loyaltyType": "loyalty", "profiles": [{"source": "INSTORE", "firstName": "É"}]}\n'
)


@pytest.mark.parametrize(("suffix", "text"), [(".yaml", WORLD_TEXT), (".jsonl", LINES_TEXT)])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_file_of_utf_8_is_read_with_a_mark_or_without(
    tmp_path: Path, suffix: str, text: str, encoding: str, line_end: str
) -> None:
    path = tmp_path / f"world{suffix}"
    path.write_bytes(text.replace("\n", line_end).encode(encoding))

    [customer] = read_world(str(path)).customers.values()

    assert customer.profiles[0].first_name == "É"


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-16", ":1: is UTF-16; save it as UTF-8"),
        ("utf-16-le", ":1: is UTF-16; save it as UTF-8"),
        ("utf-16-be", ":1: is UTF-16; save it as UTF-8"),
        ("utf-32", ":1: is UTF-32; save it as UTF-8"),
        ("utf-32-be", ":1: is UTF-32; save it as UTF-8"),
        ("latin-1", ":3: is not UTF-8: byte 0xC9, as of Latin-1 or Windows-1252; save it as UTF-8"),
    ],
)
def test_a_file_in_another_encoding_is_told_which(tmp_path: Path, encoding: str, said: str) -> None:
    path = tmp_path / "world.yaml"
    path.write_bytes(WORLD_TEXT.encode(encoding))

    with pytest.raises(WorldError) as caught:
        read_world(str(path))

    assert str(caught.value) == f"{path}{said}"


def test_json_lines_in_utf_16_are_told_so(tmp_path: Path) -> None:
    path = tmp_path / "world.jsonl"
    path.write_bytes(LINES_TEXT.encode("utf-16"))

    with pytest.raises(WorldError, match="is UTF-16; save it as UTF-8"):
        read_world(str(path))


def test_a_tilde_is_the_home_folder_in_options_and_in_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dialects: Dialects
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "world.yaml").write_text(WORLD_TEXT, encoding="utf-8")
    (tmp_path / "dialect.yaml").write_text("answers: {loyalty-downgrade: ignore}\n", encoding="utf-8")
    (tmp_path / "below").mkdir()
    extending = tmp_path / "below" / "extending.yaml"
    extending.write_text("extends: ~/world.yaml\n", encoding="utf-8")
    target = tmp_path / "below" / "target.yaml"
    target.write_text("url: https://x.example\nworld: ~/world.yaml\ndialect: ~/dialect.yaml\n", encoding="utf-8")

    assert read_world("~/world.yaml").files[0] == tmp_path / "world.yaml"
    assert (
        read_world("~/below/extending.yaml").customers.keys() == read_world(str(extending)).customers.keys() == {7001}
    )
    assert read_dialect(dialects, Path("~/dialect.yaml")).answers["loyalty-downgrade"] == "ignore"
    options = read_target(Path("~/below/target.yaml"))
    assert (options.world, options.dialect) == (str(tmp_path / "world.yaml"), tmp_path / "dialect.yaml")
    write_text(Path("~/written.txt"), "x", WorldError)
    assert (tmp_path / "written.txt").read_text() == "x"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (".", "cannot be read: Is a directory"),
        ("missing/world", "missing/world: cannot be read: No such file or directory"),
        ("~nobody-of-that-name/w.yaml", "~nobody-of-that-name/w.yaml: cannot be read: No such file"),
        ("w\0.yaml", "cannot be read: embedded null byte"),
        ("w" * 5000 + ".jsonl", "cannot be read: File name too long"),
    ],
)
def test_a_path_that_leads_to_no_file_is_one_line(name: str, said: str) -> None:
    with pytest.raises(WorldError) as caught:
        read_world(name)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_world_extends_another_and_says_only_what_differs(tmp_path: Path, demo: World) -> None:
    text = "extends: demo\norganisation: {till: shop9}\ncustomers:\n  - {id: 5, loyaltyType: loyalty}\n"

    world = read_world(write(tmp_path, text))

    assert world.name == "broken"
    assert world.organisation == replace(demo.organisation, till="shop9")
    assert list(world.customers) == [5]


def test_a_world_extends_a_file_that_lies_beside_it(tmp_path: Path) -> None:
    write(tmp_path, ORGANISATION + CUSTOMER)
    (tmp_path / "own.yaml").write_text("extends: broken.yaml\ncustomers: []\n", encoding="utf-8")

    world = read_world(str(tmp_path / "own.yaml"))

    assert set(world.organisation.sources) == {"INSTORE", "WECHAT"}
    assert not world.customers


def test_what_does_not_fit_an_extending_world_is_said_where_it_stands(tmp_path: Path) -> None:
    path = write(tmp_path, "extends: demo\norganisation:\n  customFields: [gender]\n")

    with pytest.raises(WorldError, match=r"demo\.yaml:\d+: customers/0/profiles/0/fields/city: .*broken\.yaml extends"):
        read_world(path)


def test_a_password_is_kept_as_its_md5(demo: World) -> None:
    assert f"store123:{md5(b'Pass123', usedforsecurity=False).hexdigest()}" in demo.organisation.credentials.basic


def test_every_source_of_the_demo_world_has_a_customer_and_only_channels_it_permits(demo: World) -> None:
    profiles = [profile for customer in demo.customers.values() for profile in customer.profiles]

    assert {profile.source for profile in profiles} == demo.organisation.sources.keys()
    for profile in profiles:
        assert {channel.type for channel in profile.channels} <= demo.organisation.sources[profile.source].channels


def test_the_demo_world_holds_none_of_what_the_page_sends(demo: World) -> None:
    text = bundled("fixtures", "worlds", "demo.yaml").read_text(encoding="utf-8")

    for sent in ("Sawyer", "9999000000", "tomsawyer@gmail.com"):
        assert sent not in text
