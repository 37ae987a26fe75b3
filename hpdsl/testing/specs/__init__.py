"""Random specs: `specs()`, which compile, and `broken_specs()`, each with one planted mistake."""

from hpdsl.testing.specs.broken import MISTAKES as MISTAKES
from hpdsl.testing.specs.broken import Broken as Broken
from hpdsl.testing.specs.broken import broken_specs as broken_specs
from hpdsl.testing.specs.whole import Draft as Draft
from hpdsl.testing.specs.whole import Spec as Spec
from hpdsl.testing.specs.whole import drafts as drafts
from hpdsl.testing.specs.whole import specs as specs
