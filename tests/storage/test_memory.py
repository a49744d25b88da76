"""Laws of the store: compare-and-set, reset, fork."""

from mockserver.domain.customer import CustomerId
from mockserver.files import World
from mockserver.storage import MemoryStore
from mockserver.values import replace

ID = CustomerId(171891944)


def test_a_save_of_an_old_version_is_refused_and_changes_nothing(demo: World) -> None:
    store = MemoryStore(demo.customers)
    customer, version = store.load(ID)
    assert customer is not None
    assert store.save([replace(customer, loyalty_type="loyalty")], {ID: version})

    assert not store.save([replace(customer, profiles=())], {ID: version})

    kept = store.find(ID)
    assert kept is not None
    assert kept.loyalty_type == "loyalty"
    assert kept.profiles == customer.profiles


def test_a_reset_outdates_what_was_loaded_before_it(demo: World) -> None:
    store = MemoryStore(demo.customers)
    customer, version = store.load(ID)
    assert customer is not None
    store.reset()

    assert not store.save([replace(customer, loyalty_type="loyalty")], {ID: version})


def test_a_fork_and_its_origin_do_not_see_each_other(demo: World) -> None:
    store = MemoryStore(demo.customers)
    fork = store.fork()
    fork.delete(ID)
    store.delete(CustomerId(171891945))

    assert store.find(ID) is not None
    assert fork.find(CustomerId(171891945)) is not None
    fork.reset()
    assert tuple(fork.state().customers()) == tuple(demo.customers[key] for key in sorted(demo.customers))
