"""Values as they are shown where a claim is refuted."""

import pytest

import hpdsl


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("k ~ choice(p, q)\nassert k == p\n", "false when k = q"),
        ("k ~ choice(p, uniform(5, 6))\nassert k == p\n", "false when k = 6"),
        ("k ~ choice(p, 2: 3)\nassert k == p\n", "false when k = 2"),
        ("k ~ choice(true, 2)\nassert k == 2\n", "false when k = true"),
        ("b ~ bool()\nassert b\n", "false when b = false"),
        ("n ~ int uniform(1, 3)\nassert n < 3\n", "false when n = 3"),
        ("x ~ uniform(0, 1)\nn ~ int uniform(1, 3)\nassert x * n < 3\n", "false when x = 1 and n = 3"),
        ('s ~ subset(u, v)\nassert "u" in s\n', r"false when s = \[v?\]"),
        ("x[2] ~ int uniform(1, 3)\nassert sum(x) < 6\n", r"false when x = \[3, 3\]"),
        ("o ~ ordinal(low, high)\nassert o == low\n", "false when o = high"),
        ("x ~ uniform(0, 1)\nb = x > 0.5\nassert not b\n", "false when b = true"),
        ("n ~ int uniform(0, 3)\nx[n] ~ uniform(0.5, 0.9)\nassert sum(x) >= 0.5\n", "false when n = 0"),
        ("b ~ bool()\nx ~ uniform(0, 1) when b\nassert active(x)\n", "false when b = false"),
        ("o ~ choice { p { v ~ uniform(0, 1) } q }\nassert active(o.v)\n", "false when o = q"),
        ("assert 2 <= 1\n", "false everywhere"),
    ],
)
def test_a_counterexample_is_shown_as_it_would_be_written(text, shown):
    with pytest.raises(hpdsl.SpecError, match=shown):
        hpdsl.loads(text)
