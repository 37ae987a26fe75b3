"""The laws that every space must obey."""

from hpdsl.testing.laws.law import Law
from hpdsl.testing.laws.subject import Subject
from hpdsl.testing.laws.table import LAWS

__all__ = ["LAWS", "Law", "Subject"]
