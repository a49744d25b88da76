"""The rules of communication channels: merged by type and value, invalid ones skipped with a warning."""

import pytest

from mockserver.exchange import Setting
from mockserver.exchange.dialects import Dialects
from mockserver.files import World, read_world
from mockserver.values import replace
from tests.exchange.rows import Row, channels, profile, verify

_MOBILE = "INSTORE/mobile:919999001944"
_EMAIL = "INSTORE/email:asha.menon@example.com"
_HOME = {"residence": True, "office": False}
_NEW = {"type": "email", "value": "tom@example.com"}
_HELD = {"type": "mobile", "value": "919999001944"}


def _invalid(kind: str, value: str) -> Row:
    return Row(
        law=f"{value} is no {kind}",
        body=channels({"type": kind, "value": value}, {"type": kind, "value": value, "primary": True}),
        asks=("channel-value-invalid",),
        why=f'body/profiles/0/commChannels/0/value: "{value}"',
        warnings=(8058, 8058) if kind == "mobile" else (8057, 8057),
    )


def _valid(kind: str, value: str, *asks: str) -> Row:
    return Row(
        law=f"{value} is a {kind}",
        body=channels({"type": kind, "value": value}),
        asks=asks,
        never_asks=("channel-value-invalid",),
        changes={f"INSTORE/{kind}:{value}": (False, False, {})},
    )


ROWS = (
    Row(
        law="a new channel is added beside those held and begins with false",
        body=channels(_NEW),
        asks=("comm-channels",),
        says=("UPD-BODY-7", "UPD-USE-4"),
        changes={"INSTORE/email:tom@example.com": (False, False, {})},
    ),
    Row(
        law="a channel held is updated and what is left out stays",
        body=channels({**_HELD, "primary": False}),
        changes={_MOBILE: (False, True, _HOME)},
    ),
    Row(
        law="flags may come as text",
        body=channels({**_NEW, "primary": "false", "verified": "true"}),
        changes={"INSTORE/email:tom@example.com": (False, True, {})},
    ),
    Row(
        law="a flag is no other text", body=channels({**_NEW, "primary": "yes"}), code=400, why="commChannels/0/primary"
    ),
    Row(
        law="the identity of a channel is its value as given",
        body=channels({"type": "email", "value": "Asha.Menon@example.com"}),
        changes={"INSTORE/email:Asha.Menon@example.com": (False, False, {})},
    ),
    Row(
        law="of a channel sent twice the last wins",
        body=channels({**_NEW, "verified": True, "meta": {"office": True}}, {**_NEW, "verified": False}),
        asks=("channel-duplicate",),
        changes={"INSTORE/email:tom@example.com": (False, False, {"office": True})},
    ),
    Row(
        law="the last primary is the one primary of its type",
        body=channels({**_NEW, "primary": True}),
        asks=("channel-primary",),
        changes={"INSTORE/email:tom@example.com": (True, False, {}), _EMAIL: (False, False, _HOME)},
    ),
    Row(law="no channels sent change nothing", body=channels(), asks=("empty-list",)),
    Row(law="null channels keep", body=profile(commChannels=None), asks=("null-value",)),
    Row(
        law="meta is merged and residence and office read as booleans",
        body=channels({**_HELD, "meta": {"office": "true", "lastViewedDate": "2019-10-25"}}),
        asks=("channel-meta",),
        changes={_MOBILE: (True, True, {"residence": True, "office": True, "lastViewedDate": "2019-10-25"})},
    ),
    _invalid("mobile", "123"),
    _invalid("mobile", "+123"),
    _invalid("mobile", "1234567890123456"),
    _invalid("mobile", "91-9999000000"),
    _invalid("mobile", "९९९९०००००"),
    _valid("mobile", "1234", "mobile-without-country-code"),
    _valid("mobile", "9999000000", "mobile-without-country-code"),
    _valid("mobile", "+1234"),
    _valid("mobile", "123456789012345"),
    _invalid("email", "[email protected]"),
    _invalid("email", "tom"),
    _invalid("email", "tom@nowhere@example.com"),
    _valid("email", "tom.sawyer+x@gmail.com"),
    _valid("ios", "any-token", "channel-type-not-of-source"),
    Row(
        law="an e-mail without value is as an invalid one",
        body=channels({"type": "email"}),
        asks=("channel-value-missing",),
        why="body/profiles/0/commChannels/0/value: is missing",
        warnings=(8057,),
    ),
    Row(
        law="a mobile with an empty value is as an invalid one",
        body=channels({"type": "mobile", "value": ""}),
        asks=("channel-value-missing",),
        warnings=(8058,),
    ),
    Row(
        law="any other channel without value is skipped and that is said",
        body=channels({"type": "wechat", "value": None}, _NEW),
        asks=("channel-value-missing", "null-value", "channel-type-not-of-source"),
        why="the channel is skipped",
        changes={"INSTORE/email:tom@example.com": (False, False, {})},
    ),
    Row(law="a channel without type", body=channels({"value": "x"}), code=8106, why="body/profiles/0/commChannels/0"),
    Row(
        law="a channel of an unknown type",
        body=channels(_NEW, {"type": "pigeon", "value": "x"}),
        code=8010,
        why="body/profiles/0/commChannels/1/type: ",
    ),
    Row(
        law="the case of a channel's type matters",
        body=channels({"type": "Email", "value": "tom@example.com"}),
        code=8010,
        asks=("channel-type-case",),
    ),
    Row(
        law="mobilePush has its own case",
        body=channels({"type": "mobilepush", "value": "t"}),
        code=8010,
        asks=("channel-type-case",),
    ),
    Row(
        law="a type that is named elsewhere is unknown",
        body=channels({"type": "whatsapp", "value": "919999001944"}),
        code=8010,
        asks=("channel-type-elsewhere",),
    ),
    Row(law="null is no channel", body=profile(commChannels=[None]), code=400, why="body/profiles/0/commChannels/0: "),
    Row(
        law="an unknown type comes before an unknown customer",
        to=1,
        body=channels({"type": "pigeon", "value": "x"}),
        code=8010,
    ),
    Row(
        law="a flag that the next primary takes is the same whether it was kept or not",
        body=channels({**_HELD, "verified": True}, {"type": "mobile", "value": "+4712345678", "primary": True}),
        asks=("channel-primary",),
        never_asks=("channel-flag-omitted",),
        changes={_MOBILE: (False, True, _HOME), "INSTORE/mobile:+4712345678": (True, False, {})},
    ),
    Row(
        law="a member of meta that is sent again is the same whether it was kept or not",
        body=channels(
            {**_HELD, "primary": True, "verified": True, "meta": {"residence": False}},
            {**_HELD, "primary": True, "verified": True, "meta": {"residence": False, "office": False}},
        ),
        asks=("channel-duplicate",),
        never_asks=("channel-meta", "channel-flag-omitted"),
        changes={_MOBILE: (True, True, {"residence": False, "office": False})},
    ),
    Row(law="a missing type comes before an unknown customer", to=1, body=channels({"value": "x"}), code=8106),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_rule_of_channels(row: Row, setting: Setting, demo: World) -> None:
    verify(row, setting, demo)


_SINGLE = (
    Row(
        law="without dual eligibility instore channels are accepted",
        body=channels(_NEW),
        asks=("dual-eligibility",),
        changes={"INSTORE/email:tom@example.com": (False, False, {})},
    ),
    Row(
        law="dual eligibility concerns no other source",
        to=171891948,
        query="source=MARTJACK",
        body=channels(_NEW),
        changes={"MARTJACK/email:tom@example.com": (False, False, {})},
    ),
    Row(
        law="dual eligibility concerns channels only",
        body=profile(firstName="Tom"),
        changes={"INSTORE/firstName": "Tom"},
    ),
)


@pytest.mark.parametrize("row", _SINGLE, ids=str)
def test_a_rule_of_channels_without_dual_eligibility(row: Row, setting: Setting) -> None:
    world = read_world("single-eligibility")

    verify(row, replace(setting, organisation=world.organisation), world)


def test_a_kept_flag_that_makes_the_next_primary_a_second_one_is_named_beside_it(
    dialects: Dialects, setting: Setting, demo: World
) -> None:
    spoken = setting.under(dialects.with_answers(setting.dialect, ("channel-primary", "reject")))
    row = Row(
        law="held as primary, and refused as the first of two",
        body=channels({**_HELD, "verified": True}, {"type": "mobile", "value": "9999000000", "primary": True}),
        code=8010,
        asks=("channel-primary", "channel-flag-omitted"),
        why="body/profiles/0/commChannels/1/primary: a second mobile is primary",
    )

    verify(row, spoken, demo)
