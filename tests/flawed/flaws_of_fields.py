"""Flaws in custom and extended fields."""

import json

from mockserver.domain.customer import Customer
from mockserver.exchange import Reply
from mockserver.messages import Request
from mockserver.values import replace
from tests.flawed.asking import ASHA, RAVI, get, profile, put
from tests.flawed.deployment import Deployment
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import (
    Sent,
    before_and_after,
    is_update,
    saving,
    saving_profiles,
    sent_by,
    with_body,
    without_warning,
)

_MOVED = (put(ASHA, profile(fields={"city": "Bangalore"})), get(ASHA))


def _integers_as_text(before: Customer, after: Customer, _: Sent) -> Customer:
    fields = {
        name: str(value) if isinstance(value, int) and before.extended_fields.get(name) != value else value
        for name, value in after.extended_fields.items()
    }
    return replace(after, extended_fields=fields)


def _stores_unknown_extended_fields(deployment: Deployment, request: Request) -> Reply:
    reply, sent = deployment.ask(request), sent_by(request).get("extendedFields")
    if not is_update(reply) or not isinstance(sent, dict):
        return reply
    known = deployment.setting.organisation.extended_fields
    unknown = {name: value for name, value in sent.items() if name.lower() not in known}
    _, after = before_and_after(deployment, reply)
    changed = replace(after, extended_fields={**after.extended_fields, **unknown})
    silent = with_body(reply, without_warning(json.loads(reply.response.body), 91015)) if unknown else reply
    return replace(silent, changed=(changed,))


FLAWS_OF_FIELDS = (
    Flaw(
        name="custom-field-lost",
        says="The custom field city is not stored.",
        names=("UPD-BODY-4", "UPD-BODY-6", "UPD-USE-8"),
        needs="writes",
        make=deployed(
            saving_profiles(
                lambda old, new: replace(
                    new,
                    fields={
                        name: old.fields.get(name, "") if name == "city" else new.fields[name] for name in new.fields
                    },
                )
            )
        ),
        shown_by=_MOVED,
    ),
    Flaw(
        name="custom-field-renamed",
        says="Custom fields are stored under their names in capitals.",
        names=("UPD-BODY-4", "UPD-BODY-5", "UPD-BODY-6", "UPD-USE-8"),
        needs="writes",
        make=deployed(
            saving_profiles(
                lambda old, new: replace(
                    new,
                    fields={
                        name if old.fields.get(name) == value else name.upper(): value
                        for name, value in new.fields.items()
                    },
                )
            )
        ),
        shown_by=_MOVED,
    ),
    Flaw(
        name="extended-fields-lost",
        says="Extended fields are not stored.",
        names=("UPD-USE-6", "UPD-BODY-16", "UPD-BODY-17", "UPD-BODY-18", "UPD-BODY-30"),
        needs="writes",
        make=deployed(saving(lambda before, after, _: replace(after, extended_fields=before.extended_fields))),
        shown_by=(put(ASHA, {"extendedFields": {"city": "Bangalore"}}), get(ASHA)),
    ),
    Flaw(
        name="extended-integers-as-text",
        says="Extended fields of the type INTEGER are stored and shown as text.",
        names=("UPD-BODY-16", "extended-value-as-text", "UPD-USE-6"),
        needs="writes",
        make=deployed(saving(_integers_as_text)),
        shown_by=(put(RAVI, {"extendedFields": {"kids": 3}}), get(RAVI)),
    ),
    Flaw(
        name="unknown-extended-field-stored",
        says="An extended field that the organisation does not have is stored, without a warning.",
        names=("UPD-BODY-16", "extended-field-unknown"),
        needs="irreversible",
        make=deployed(_stores_unknown_extended_fields),
        shown_by=(put(ASHA, {"extendedFields": {"shoe_size": "42"}}), get(ASHA)),
    ),
)
