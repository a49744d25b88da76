"""The law of the request that the banner shows: the world answers it with 200, whatever world, dialect and auth."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.cli_banner import find_credentials, find_read
from mockserver.domain.dialect import Dialect
from mockserver.exchange import Auth, Setting, respond
from mockserver.exchange.dialects import Dialects
from mockserver.files import World, read_questions
from mockserver.values import replace
from tests.server.worlds import served_world

# Questions that the answer to a read depends on; each answer is compiled once.
QUESTIONS = (
    "get-source-values",
    "get-account-missing",
    "loyalty-details-of-non-loyalty",
    "user-id-form",
    "error-status",
)
ANSWERS = [(name, answer) for name in QUESTIONS for answer in read_questions()[name].implemented]
AUTHS: st.SearchStrategy[Auth] = st.sampled_from(("any", "world", "off"))


@pytest.mark.parametrize(("question", "answer"), ANSWERS)
@settings(max_examples=15)
@given(data=st.data(), auth=AUTHS)
def test_a_request_is_found_and_succeeds_wherever_there_are_customers(
    demo: World, setting: Setting, dialects: Dialects, data: st.DataObject, auth: Auth, question: str, answer: str
) -> None:
    chosen = dialects.choose({question: answer}, name="drawn", over=setting.dialect)
    assert isinstance(chosen, Dialect)
    ids = data.draw(st.sets(st.sampled_from(sorted(demo.customers)), min_size=1))
    drawn = {key: demo.customers[key] for key in ids}
    world = served_world(replace(setting.under(chosen), auth=auth), drawn)

    found = find_read(world)

    if found is None:
        assert all(demo.customers[key].merged_into is not None for key in ids)
        return
    sent = replace(found, headers={name.lower(): value for name, value in found.headers.items()})
    reply = respond(world.setting, sent, load=drawn.get, now=world.state.settings.clock.text())
    assert (reply.code, reply.response.status) == (None, 200)


@pytest.mark.parametrize("auth", ["any", "world", "off"])
def test_credentials_are_asked_for_only_where_the_setting_asks_for_them(setting: Setting, auth: Auth) -> None:
    assert bool(find_credentials(replace(setting, auth=auth))) is (auth != "off")
