"""Exceptions, for misuse and a broken environment only; a refused request is a value, never an exception.

MockServerError            something that the person at the keyboard can mend
├── ContractError          the OpenAPI document cannot be used
├── WorldError             a world's file cannot be used
├── DialectError           a dialect names a question or an answer that is not there
├── ExchangeError          a golden exchange's file cannot be used
├── TargetError            a target cannot be checked: not reached, wrong credentials, no such customer
└── ConfigurationError     options that do not go together
"""


class MockServerError(Exception):
    """Something that the person at the keyboard can mend; the message names the value, the place and the cure."""


class ContractError(MockServerError):
    """The OpenAPI document cannot be used."""


class WorldError(MockServerError):
    """A world's file cannot be used."""


class DialectError(MockServerError):
    """A dialect names a question or an answer that is not there."""


class ExchangeError(MockServerError):
    """A golden exchange's file cannot be used."""


class ConfigurationError(MockServerError):
    """Options that do not go together."""


class TargetError(MockServerError):
    """A target cannot be checked: it is not reached, the credentials are wrong, a named customer is not there."""
