"""Deployments that answer a question otherwise than the documented dialect: no sentence of the page is broken.

The checker names the question and the answer; whether that counts is for `--strict` and `--dialect` to say.
"""

from mockserver.messages import Request
from tests.flawed.asking import (
    ASHA,
    GRACE,
    LI,
    RAVI,
    UNKNOWN,
    channel,
    downgrade,
    enrolment,
    get,
    profile,
    put,
    upgrade,
    with_query,
)
from tests.flawed.deployment import Deployment
from tests.flawed.flaw import Flaw, Leave

_CITY = put(ASHA, profile(fields={"city": "Bangalore"}))
_EXTENDED_CITY = put(ASHA, {"extendedFields": {"city": "Bangalore"}})
_VERIFIED = put(ASHA, channel("email", "asha.menon@example.com", verified="true"))
_IDENTIFIED = put(ASHA, profile(identifiers=[{"type": "mobile", "value": "919999009999"}]))


def _differing(question: str, answer: str, *shown_by: Request, needs: Leave = "writes") -> Flaw:
    """Return the deployment with another answer to one question, named after both."""
    return Flaw(
        name=f"{question}-{answer}",
        says=f"The question {question} is answered with {answer}.",
        names=(question,),
        needs=needs,
        make=lambda: Deployment(answers={question: answer}),
        shown_by=shown_by,
    )


FLAWS_OF_DIALECT = (
    _differing("omitted-field", "clear", put(ASHA, profile(firstName="Tom")), get(ASHA)),
    _differing("null-value", "clear", put(ASHA, profile(firstName=None)), get(ASHA)),
    _differing("null-value", "reject", put(ASHA, profile(firstName=None))),
    _differing("empty-text", "keep", put(ASHA, profile(firstName="")), get(ASHA)),
    _differing("empty-text", "clear", put(ASHA, profile(firstName="")), get(ASHA)),
    # What is cleared can be written back as far as reads show it, and no further: subscriptions of a channel are lost.
    _differing("empty-list", "clear", put(ASHA, profile(commChannels=[])), get(ASHA), needs="irreversible"),
    _differing("empty-body", "reject", put(ASHA, {})),
    _differing("name-whitespace", "trim", put(ASHA, profile(firstName=" Tom ")), get(ASHA)),
    _differing("name-too-long", "reject", put(ASHA, profile(firstName="x" * 101))),
    _differing("name-characters", "plain", put(ASHA, profile(firstName="李"))),
    _differing("custom-fields", "replace", _CITY, get(ASHA)),
    _differing("extended-fields", "replace", _EXTENDED_CITY, get(ASHA)),
    _differing("comm-channels", "replace", _VERIFIED, get(ASHA)),
    _differing("channel-value-invalid", "reject", put(ASHA, channel("email", "no address"))),
    _differing(
        "channel-meta",
        "replace",
        put(ASHA, channel("email", "asha.menon@example.com", meta={"residence": "true"})),
        get(ASHA),
    ),
    _differing("custom-field-unknown", "ignore", put(ASHA, profile(fields={"shoe": "42"})), needs="irreversible"),
    _differing("extended-field-unknown", "reject", put(ASHA, {"extendedFields": {"shoe": "42"}}), needs="irreversible"),
    _differing("extended-field-wrong-type", "reject", put(RAVI, {"extendedFields": {"kids": "many"}})),
    _differing("identifiers-in-body", "warn", _IDENTIFIED, needs="irreversible"),
    _differing("identifiers-in-body", "reject", _IDENTIFIED, needs="irreversible"),
    _differing("source-in-body", "reject", put(ASHA, profile(source="MARTJACK")), needs="irreversible"),
    _differing("source-missing", "3217", put(ASHA, {}, "")),
    _differing("source-unknown", "400", put(ASHA, {}, "source=ORKUT")),
    _differing("account-missing", "8015", put(LI, {}, "source=WECHAT")),
    _differing("account-missing", "8054", put(GRACE, {}, "source=FACEBOOK")),
    _differing("account-unknown", "8127", put(LI, {}, "source=WECHAT&accountId=nowhere")),
    _differing("account-on-single-account-source", "ignore", with_query(put(ASHA, {}), accountId="x")),
    _differing(
        "no-profile-in-source", "8065", put(ASHA, profile(firstName="Tom"), "source=MARTJACK"), needs="irreversible"
    ),
    _differing("loyalty-downgrade", "ignore", put(RAVI, downgrade()), needs="irreversible"),
    _differing("already-enrolled", "reject", put(RAVI, enrolment(program=699)), needs="irreversible"),
    _differing("program-unknown", "warn", put(RAVI, enrolment(program=4711))),
    _differing("enrolment-of-non-loyalty", "8089", put(ASHA, enrolment()), needs="irreversible"),
    _differing("enrolment-points-effect", "hide", put(RAVI, enrolment()), needs="irreversible"),
    _differing("use-async-default", "true", put(ASHA, upgrade()), needs="irreversible"),
    _differing("error-status", "200", put(UNKNOWN, {}), needs="reads"),
    _differing("error-status", "404-for-8015", put(UNKNOWN, {}), needs="reads"),
    Flaw(
        name="profile-replaced",
        says="The profile that is sent takes the place of the one held, with its fields and channels.",
        names=("omitted-field", "custom-fields", "comm-channels"),
        needs="writes",
        make=lambda: Deployment(
            answers={"omitted-field": "clear", "custom-fields": "replace", "comm-channels": "replace"}
        ),
        shown_by=(_CITY, get(ASHA)),
    ),
)
