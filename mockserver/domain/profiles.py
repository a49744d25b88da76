"""The profile that an update means, and what the update makes of it.

There is one profile per source and account, and an update touches the one that its query names. Identifiers
are never updated, the source of a profile never changes (the page's limitations).
"""

from msgspec.structs import replace

from mockserver.domain.channels import update_channels
from mockserver.domain.command import OMITTED, SentProfile, SentText, UpdateCustomer
from mockserver.domain.custom_fields import update_fields
from mockserver.domain.customer import Attribution, Customer, Identifier, Profile
from mockserver.domain.judgement import Judgement
from mockserver.domain.members import clears_null, settle_text
from mockserver.domain.outcome import Rejected
from mockserver.values import Value

NAME_LENGTH = 100  # code points; published on the page that adds customers


class Emptied(Value, frozen=True):
    """The profile that is meant is to hold nothing."""


def choose_place(command: UpdateCustomer, judgement: Judgement) -> UpdateCustomer | Rejected:
    """Return the update with the source and account that are meant: the query's, unless the dialect trusts the body."""
    if not isinstance(command.profiles, tuple) or len(command.profiles) != 1:
        return command
    [profile] = command.profiles
    source, account = _source_of(profile) or command.source, _account_of(profile)
    if source == command.source and account in (None, command.account):
        return command
    place, why = f"{profile.place}/source", f"names {_named(source, account)}"
    judgement.says(judgement.cites.fixed_source)
    match judgement.asks("source-in-body", refusing="any"):
        case "reject":
            why = f"{why}, the query {_named(command.source, command.account)}"
            cited = (judgement.cites.fixed_source,)
            return judgement.refuse("400", place, why, statements=cited, questions=("source-in-body",))
        case "body":
            return _at_body(command, source, account, place, judgement)
        case _:
            judgement.ignore(place, f"{why}; the query's {command.source} decides")
            return command


def _at_body(
    command: UpdateCustomer, source: str, account: str | None, place: str, judgement: Judgement
) -> UpdateCustomer | Rejected:
    if source in judgement.organisation.sources:
        kept = command.account if source == command.source and account is None else account
        return replace(command, source=source, account=kept)
    why = f'"{source}" is no source of this organisation'
    cited = (judgement.cites.unsupported_account,)
    return judgement.refuse("3217", place, why, statements=cited, questions=("source-in-body",))


def _named(source: str, account: str | None) -> str:
    return source if account is None else f"{source} account {account}"


def _source_of(profile: SentProfile) -> str | None:
    return profile.source if isinstance(profile.source, str) else None


def update_profile(
    customer: Customer, command: UpdateCustomer, account: str | None, judgement: Judgement
) -> Customer | Rejected:
    """Return the customer with the profile of (source, account) updated, or added where there is none."""
    present = customer.profile_of(command.source, account)
    if present is None:
        refused = _meet_absence(command, judgement)
        if refused is not None:
            return refused
    sent = _choose_profile(command, account, present, judgement)
    if sent is None:
        return customer
    before = present or _new_profile(command, account, judgement)
    after = _emptied(before) if isinstance(sent, Emptied) else _apply(before, sent, judgement)
    if isinstance(after, Rejected) or after == before:
        return after if isinstance(after, Rejected) else customer
    return _with_profile(customer, before, _stamped(after, command, judgement))


def _meet_absence(command: UpdateCustomer, judgement: Judgement) -> Rejected | None:
    answer = judgement.asks("no-profile-in-source", refusing="any")
    if answer == "add":
        return None
    why = f"the customer has no profile in {command.source}"
    return judgement.refuse(answer, judgement.cites.source_place, why, questions=("no-profile-in-source",))


def _choose_profile(
    command: UpdateCustomer, account: str | None, present: Profile | None, judgement: Judgement
) -> SentProfile | Emptied | None:
    """Choose among the profiles sent: the exact source and account, the same source, the first without one."""
    sent = command.profiles
    if sent is OMITTED:
        return None
    if not sent:
        return _settle_none(present, sent, judgement)
    if len(sent) == 1:
        return sent[0]
    chosen = _best_match(sent, command.source, account)
    for profile in sent:
        if profile is not chosen:
            judgement.ignore(profile.place, "is not the profile that the query names")
    return chosen


def _settle_none(present: Profile | None, sent: tuple[SentProfile, ...] | None, judgement: Judgement) -> Emptied | None:
    """An empty list of profiles, or null, empties the profile that is meant in some dialects."""
    if present is None or _emptied(present) == present:
        return None
    clears = clears_null(judgement) if sent is None else judgement.asks("empty-list") == "clear"
    return Emptied() if clears else None


def _emptied(profile: Profile) -> Profile:
    """Identifiers, source and account are never updated."""
    return replace(profile, first_name=None, last_name=None, fields={}, channels=())


def _best_match(sent: tuple[SentProfile, ...], source: str, account: str | None) -> SentProfile | None:
    same_source = [profile for profile in sent if profile.source == source]
    exact = [profile for profile in same_source if _account_of(profile) == account]
    unnamed = [profile for profile in sent if profile.source in (OMITTED, None)]
    return next(iter([*exact, *same_source, *unnamed]), None)


def _account_of(profile: SentProfile) -> str | None:
    return profile.account if isinstance(profile.account, str) else None


def _new_profile(command: UpdateCustomer, account: str | None, judgement: Judgement) -> Profile:
    till = judgement.organisation.till
    stamp = Attribution(created=command.now, created_by=till, modified=command.now, modified_by=till)
    return Profile(source=command.source, account=account, attribution=stamp)


def _apply(before: Profile, sent: SentProfile, judgement: Judgement) -> Profile | Rejected:
    """Apply what was sent, in the order of the page: identifiers, names, fields, channels."""
    judgement.says(judgement.cites.profile)
    identifiers = _meet_identifiers(before, sent, judgement)
    if isinstance(identifiers, Rejected):
        return identifiers
    first_name = _settle_name(before.first_name, sent.first_name, sent, "firstName", judgement)
    last_name = _settle_name(before.last_name, sent.last_name, sent, "lastName", judgement)
    fields = update_fields(before.fields, sent.fields, judgement, f"{sent.place}/fields")
    channels = update_channels(before.channels, sent.channels, judgement, before.source)
    if isinstance(channels, Rejected):
        return channels
    return replace(
        before,
        identifiers=identifiers,
        first_name=first_name,
        last_name=last_name,
        fields=fields,
        channels=channels,
    )


def _meet_identifiers(before: Profile, sent: SentProfile, judgement: Judgement) -> tuple[Identifier, ...] | Rejected:
    """Identifiers cannot be updated here; whether that is said, and how, is a question."""
    held = before.identifiers
    if not sent.identifiers:
        return held
    judgement.says(judgement.cites.identifiers)
    place = f"{sent.place}/identifiers"
    why = "identifiers cannot be updated with this API"
    match judgement.asks("identifiers-in-body", refusing="400"):
        case "reject":
            cited = (judgement.cites.identifiers,)
            return judgement.refuse("400", place, why, statements=cited, questions=("identifiers-in-body",))
        case "warn":
            _warn_of_identifiers(before, sent, judgement, place)
        case "add":
            return _with_absent(held, sent)
        case _:
            judgement.ignore(place, why)
    return held


def _warn_of_identifiers(before: Profile, sent: SentProfile, judgement: Judgement, place: str) -> None:
    primary = before.identifiers[0].type if before.identifiers else None
    for index, (kind, _) in enumerate(sent.identifiers):
        code = "91005" if kind == primary else "91006"
        judgement.warn(code, f"{place}/{index}", "identifiers cannot be updated with this API", kind)


def _with_absent(held: tuple[Identifier, ...], sent: SentProfile) -> tuple[Identifier, ...]:
    by_type = {identifier.type: identifier for identifier in held}
    for kind, value in sent.identifiers:
        by_type.setdefault(kind, Identifier(type=kind, value=value))
    return tuple(by_type.values())


def _settle_name(
    present: str | None, sent: SentText, profile: SentProfile, member: str, judgement: Judgement
) -> str | None:
    if not isinstance(sent, str):
        return settle_text(present, sent, judgement)
    name = settle_text(present, _cut(sent, profile, member, judgement), judgement)
    if name:
        judgement.says(judgement.cites.first_name if member == "firstName" else judgement.cites.last_name)
    return name


def _cut(sent: str, profile: SentProfile, member: str, judgement: Judgement) -> str:
    """Cut what is too long, and white space where the dialect trims it."""
    trimmed = sent.strip()
    if trimmed == sent and len(sent) <= NAME_LENGTH:
        return sent
    if trimmed[:NAME_LENGTH] != sent[:NAME_LENGTH] and judgement.asks("name-whitespace") == "trim":
        sent = trimmed
    if len(sent) > NAME_LENGTH:
        judgement.ignore(f"{profile.place}/{member}", f"is cut to {NAME_LENGTH} characters")
    return sent[:NAME_LENGTH]


def _stamped(profile: Profile, command: UpdateCustomer, judgement: Judgement) -> Profile:
    stamp = replace(profile.attribution, modified=command.now, modified_by=judgement.organisation.till)
    return replace(profile, attribution=stamp)


def _with_profile(customer: Customer, before: Profile, after: Profile) -> Customer:
    if before not in customer.profiles:
        return replace(customer, profiles=(*customer.profiles, after))
    profiles = tuple(after if profile is before else profile for profile in customer.profiles)
    return replace(customer, profiles=profiles)
