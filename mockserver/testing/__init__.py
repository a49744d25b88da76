"""The mock in a test suite: a server of its own, worlds that tests take, and what they may ask of one.

`mockserver.customer_api_plugin` makes fixtures of it; `MockServer` needs no pytest.
"""

from mockserver.domain.customer import AuditEntry, Change, CommChannel, Enrolment, Identifier
from mockserver.testing.asserting import Sought, SoughtRequest
from mockserver.testing.customer_api import CustomerApi, CustomerApiFactory
from mockserver.testing.exchanges import ExchangeView
from mockserver.testing.faulting import Disturbed, Fault
from mockserver.testing.hosting import DialectChoice
from mockserver.testing.mock_server import MockServer
from mockserver.testing.timing import WorldClock
from mockserver.testing.views import CustomerView, ProfileView

__all__ = [
    "AuditEntry",
    "Change",
    "CommChannel",
    "CustomerApi",
    "CustomerApiFactory",
    "CustomerView",
    "DialectChoice",
    "Disturbed",
    "Enrolment",
    "ExchangeView",
    "Fault",
    "Identifier",
    "MockServer",
    "ProfileView",
    "Sought",
    "SoughtRequest",
    "WorldClock",
]
