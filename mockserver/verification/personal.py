"""Which texts are personal: names, what identifies or reaches a customer, and what fields say of them.

In a run the masker learns each that is read, and leaves in clear what the run made up itself: what was sent and had not
been read before.
"""

import secrets
from collections.abc import Iterator
from functools import partial

from mockserver.domain.organisation import Organisation
from mockserver.messages import Request
from mockserver.verification.bench import Bench
from mockserver.verification.exchanges import read_body
from mockserver.verification.masking import Masker
from mockserver.verification.spellings import vocabulary
from mockserver.verification.state import State

_NAMES = ("/firstName", "/lastName")


def masker_of(bench: Bench, *, unmasked: bool) -> Masker:
    """Return what masks a run from now on; in a mock's own world nobody is real, so only secrets are hidden there."""
    masker = Masker(
        secrets.token_bytes(16),
        bench.courier.credentials.secrets,
        (
            *vocabulary(bench.target.setting.contract.document),
            *_choices(bench.target.setting.organisation),
            *(str(one.customer) for one in bench.target.places),
        ),
        names=_names_of(bench),
        keeps_personal=unmasked or bench.target.disposable,
    )
    bench.reader.watch = partial(_learn, masker)
    bench.courier.watch = partial(_spare_sent, masker)
    return masker


def _names_of(bench: Bench) -> Iterator[str]:
    """Give the names of members, parameters and places in URLs: what stands there tells of nobody."""
    setting = bench.target.setting
    yield from vocabulary(setting.contract.document)
    yield from setting.organisation.custom_fields
    yield from (field.name for field in setting.organisation.extended_fields.values())
    for path in setting.contract.document["paths"]:
        yield from (step for step in path.split("/") if not step.startswith("{"))


def _choices(organisation: Organisation) -> Iterator[str]:
    """Give the values that an organisation's fields may have: such a word alone tells of nobody, and checks send it."""
    for field in organisation.extended_fields.values():
        for value in field.values:
            yield from (value, value.upper())


def refresh(masker: Masker, bench: Bench) -> None:
    """Tell the masker what the run has made up, and which tokens it was given, since it was told last."""
    for word in bench.fiction.made:
        masker.spare(word)
    for secret in bench.courier.credentials.secrets:
        masker.hide(secret)


def personal_texts(state: State) -> Iterator[tuple[str, str]]:
    """Give the personal texts that reads showed of a customer, each with its path, that of a channel by type."""
    for path, value in state.flat.items():
        if isinstance(value, str) and _is_personal(path):
            yield value, path
        if "/commChannels/" in path:
            profile, _, channel = path.partition("/commChannels/")
            kind, _, rest = channel.partition(":")
            yield rest.rpartition("/")[0].removesuffix("/meta"), f"{profile}/commChannels, the value of type {kind}"


def _is_personal(path: str) -> bool:
    parts = path.split("/")
    within = parts[2] if parts[0] == "profiles" and len(parts) > 2 else parts[0]
    return path.endswith(_NAMES) or within in ("fields", "identifiers", "extendedFields")


def _learn(masker: Masker, state: State) -> None:
    for text, path in personal_texts(state):
        masker.learn(text, f"what customer {state.customer} holds at {path}")
    for path in state.flat:
        if "/fields/" in path or path.startswith("extendedFields/"):
            masker.know(path.rpartition("/")[2])


def _spare_sent(masker: Masker, request: Request) -> None:
    """What is sent and was not read before was made up here; it stays in clear, so that a finding can be replayed."""
    if request.method not in ("GET", "HEAD"):
        for text in _texts_in(read_body(request.body)):
            if not masker.has_learnt(text):
                masker.spare(text)


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from _texts_in(one)
