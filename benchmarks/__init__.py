"""Measurements that take too long for the tests. They start what they measure, on this machine only."""
