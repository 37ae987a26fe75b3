"""The laws that every space must obey, and `check_space`, which holds a space to them."""

from hpdsl.testing.laws.check import LAWS, check_space, verdicts
from hpdsl.testing.laws.law import Law
from hpdsl.testing.laws.subject import Subject

__all__ = ["LAWS", "Law", "Subject", "check_space", "verdicts"]
