"""Checks that any target gets alike: a mock in memory, a mock on a port, a deployment."""
