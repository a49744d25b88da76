"""Flaws in what becomes of names."""

from mockserver.domain.customer import Profile
from mockserver.values import replace
from tests.flawed.asking import ASHA, get, profile, put
from tests.flawed.flaw import Flaw, deployed
from tests.flawed.twists import names_of, refusing, saving_profiles

_RENAMED = (put(ASHA, profile(firstName="Tom", lastName="Sawyer")), get(ASHA))
_LI_NA = (put(ASHA, profile(firstName="李", lastName="娜")), get(ASHA))


def _with_names(new: Profile, first_name: str | None, last_name: str | None) -> Profile:
    return replace(new, first_name=first_name, last_name=last_name)


def _mangled(name: str | None) -> str | None:
    return name and name.encode("latin-1", "replace").decode("latin-1")


FLAWS_OF_NAMES = (
    Flaw(
        name="first-name-lost",
        says="A first name is not stored.",
        names=("UPD-BODY-2", "UPD-USE-2"),
        needs="writes",
        make=deployed(saving_profiles(lambda old, new: replace(new, first_name=old.first_name))),
        shown_by=_RENAMED,
    ),
    Flaw(
        name="last-name-lost",
        says="A last name is not stored.",
        names=("UPD-BODY-3", "UPD-USE-2"),
        needs="writes",
        make=deployed(saving_profiles(lambda old, new: replace(new, last_name=old.last_name))),
        shown_by=_RENAMED,
    ),
    Flaw(
        name="names-swapped",
        says="The first name is stored as the last name, and the last name as the first.",
        names=("UPD-BODY-2", "UPD-BODY-3", "UPD-USE-2"),
        needs="writes",
        make=deployed(
            saving_profiles(
                lambda old, new: (
                    new
                    if (old.first_name, old.last_name) == (new.first_name, new.last_name)
                    else _with_names(new, new.last_name, new.first_name)
                )
            )
        ),
        shown_by=_RENAMED,
    ),
    Flaw(
        name="names-upper-cased",
        says="Names are stored in capitals.",
        names=("UPD-BODY-2", "UPD-BODY-3", "UPD-USE-2"),
        needs="writes",
        make=deployed(
            saving_profiles(
                lambda _, new: _with_names(
                    new, new.first_name and new.first_name.upper(), new.last_name and new.last_name.upper()
                )
            )
        ),
        shown_by=_RENAMED,
    ),
    Flaw(
        name="names-mangled",
        says="Names outside Latin-1 are stored with question marks.",
        names=("name-characters", "UPD-BODY-2", "UPD-BODY-3", "UPD-USE-2"),
        needs="writes",
        make=deployed(
            saving_profiles(lambda _, new: _with_names(new, _mangled(new.first_name), _mangled(new.last_name)))
        ),
        shown_by=_LI_NA,
    ),
    Flaw(
        name="non-latin-names-crash",
        says="A name outside Latin-1 is answered 500.",
        names=("name-characters", "UPD-BODY-2", "UPD-BODY-3", "UPD-USE-2"),
        needs="writes",
        make=deployed(refusing(lambda sent: any(_mangled(name) != name for name in names_of(sent)))),
        shown_by=_LI_NA,
    ),
    Flaw(
        name="long-names-crash",
        says="A name longer than 100 characters is answered 500.",
        names=("name-too-long", "UPD-BODY-2", "UPD-BODY-3", "UPD-USE-2"),
        needs="writes",
        make=deployed(refusing(lambda sent: any(len(name) > 100 for name in names_of(sent)))),
        shown_by=(put(ASHA, profile(lastName="x" * 101)),),
    ),
    Flaw(
        name="empty-names-crash",
        says="An empty name is answered 500.",
        names=("empty-text", "UPD-BODY-2", "UPD-BODY-3", "UPD-USE-2"),
        needs="writes",
        make=deployed(refusing(lambda sent: "" in names_of(sent))),
        shown_by=(put(ASHA, profile(firstName="")),),
    ),
)
