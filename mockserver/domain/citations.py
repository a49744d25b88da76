"""What shared rules cite: the places of an operation's request, and the statements of the vendor's page on it.

Rules that several operations share name neither. They ask the `Citations` of the operation that they judge for, by
what the place or the statement is about, so that the same rule speaks of `path/userId` here and `query/source` there.
"""

from mockserver.values import Value


class Citations(Value, frozen=True, kw_only=True):
    """Places of a request, then ids of statements; a statement is "" where the operation's page says nothing of it."""

    customer_place: str
    source_place: str = "query/source"
    account_place: str = "query/accountId"

    unknown_customer: str = ""
    unsupported_account: str = ""
    account: str = ""
    any_source: str = ""
    fixed_source: str = ""
    profile: str = ""
    identifiers: str = ""
    first_name: str = ""
    last_name: str = ""
    custom_fields: str = ""
    channels: str = ""
    instore_channels: str = ""
    mobile_channels: str = ""
    extended_fields: str = ""
    loyalty: str = ""
    loyalty_downgrade: str = ""
    enrolments: str = ""
    already_enrolled: str = ""
    in_background: str = ""
    at_once: str = ""


NOTHING_CITED = Citations(customer_place="customer", source_place="source", account_place="account")
