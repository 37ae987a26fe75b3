"""What changed from one space to another: `diff(old, new)` is a list of `Change`."""

from hpdsl.diff.change import Change as Change
from hpdsl.diff.compare import diff as diff
from hpdsl.diff.compare import differences as differences
