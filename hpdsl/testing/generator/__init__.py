"""Random specs: `specs()`, which compile, and `broken_specs()`, each with one planted mistake."""

from hypothesis import strategies as st

from hpdsl.testing.generator.broken import MISTAKES as MISTAKES
from hpdsl.testing.generator.broken import Broken as Broken
from hpdsl.testing.generator.broken import broken_specs as broken_specs
from hpdsl.testing.generator.whole import Draft as Draft
from hpdsl.testing.generator.whole import Spec as Spec
from hpdsl.testing.generator.whole import drafts as drafts
from hpdsl.testing.generator.whole import specs as specs

st.register_type_strategy(Spec, lambda _: specs())
st.register_type_strategy(Broken, lambda _: broken_specs())
