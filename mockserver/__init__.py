"""A mock of one vendor endpoint, Update Customer Details, that names what each answer rests on."""

__version__ = "0.1.0"

__all__ = ["__version__"]
