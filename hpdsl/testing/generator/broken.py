"""`broken_specs()`: specs with one planted mistake, and the code of the rule it breaks."""

from __future__ import annotations

from string import Template
from typing import NamedTuple

from hypothesis import reject
from hypothesis import strategies as st

from hpdsl.errors import SpecError
from hpdsl.testing.generator.names import pick
from hpdsl.testing.generator.whole import drafts


class Broken(NamedTuple):
    """A text, and the code of a diagnostic that checking it reports."""

    text: str
    code: str


# By code: mistakes that break its rule. $x $y $z are names that nothing else has, $n a number from 2 to 9.
MISTAKES: dict[str, tuple[str, ...]] = {
    "HP001": ('$x ~ uniform(0, $n)\nrequire $x < 0.5 "large"', "$x = 2 +* $n"),
    "HP002": ("$x ~ choice(“red”, “blue”)", "$x ~ uniform(0, $n) ?", "$x = $n ¤ 2"),
    "HP003": ('$x ~ choice("red", "blue)', "$x ~ choice(`red, blue)", "$x ~ uniform(0, $n) unit 's"),
    "HP004": ("$x ~ uniform(.$n, 1)", "$x ~ uniform($n., 10)", "$x = 1e"),
    "HP005": ("$x ~ uniform(0, ${n}e400)", "$x = 1e999 / $n"),
    "HP006": ("$x ~ loguniform(1, $n", "$x = [1, $n", "$x {\n$y ~ bool()"),
    "HP007": ("$x ~ uniform(0, $n]", "$x = $n)", "$x ~ bool() }"),
    "HP008": ("$x uniform(0, $n)", "$x int uniform(0, $n) default 1"),
    "HP009": ("$x ~ uniform(0, $n) $y = 2 * $x", "$x ~ bool() require $x"),
    "HP010": ("$x ~ bool()\nrequire $x || not $x", "$x ~ bool()\n$y = $x && true", "$x = $n ^ 2"),
    "HP011": ("$x ~ 1 .. $n", "$x ~ $n", "$x ~ [1, $n]"),
    "HP012": ("$x ~ uniform(0, 1) default 0.5 step 0.5", "$x ~ bool() default true default false"),
    "HP013": ("$x ~ choice()", "$x ~ choice { }"),
    "HP014": ("$x ~ bool()\nif $x { $y ~ bool() }", "for $x { $y ~ bool() }"),
    "HP015": ("$x.$y ~ uniform(0, $n)", "$x.$y = $n"),
    "HP016": ("$x ~ choice(None, red)", "$x ~ bool() default True", "$x ~ choice(False, red)"),
    "HP017": ("$x = " + "(" * 120 + "$n" + ")" * 120, "$x = " + "-" * 120 + "$n"),
    "HP019": ("\n".join(f"${{x}}{k} ~ $n" for k in range(21)),),
    "HP020": ("$x = $y * $n", "require $x > $n", "$x ~ choice { a { $y ~ bool() } }\n$z = 1 if $x.b else 0"),
    "HP021": (
        "$x ~ uniform($n, 1)",
        "$x ~ int uniform(0, 1$n)\n$y ~ int uniform($x, 9)",
        "$x ~ normal(0, 1) in $n .. 1",
    ),
    "HP022": ("$x ~ bool()\n$x ~ uniform(0, $n)", "$x ~ bool()\n$x = $n", "given $x = $n\n$x ~ bool()"),
    "HP023": ("$x ~ uniform(0, $y)\n$y ~ uniform($x, $n)", "$x = $x + $n", "$x ~ bool() when $x"),
    "HP024": ("$x ~ unifrom(0, $n)", "$x ~ gauss(0, $n)", "$x ~ int poisson($n)"),
    "HP025": ("$x ~ normal(mean = 0, sigma = $n)", "$x ~ uniform($n)", "$x ~ beta(1, 2, $n)", "$x ~ exponential()"),
    "HP026": ("$x ~ pow2(10, 51$n)", "$x ~ bool($n)", "$x ~ int uniform(0.5, $n)", "$x ~ lognormal($n, 0.5)"),
    "HP027": ("$x ~ loguniform(0, $n)", "$x ~ normal(0, -$n)", "$x ~ gamma(-1, $n)", "$x ~ exponential(0)"),
    "HP028": ("$x ~ choice(red, blue)\n$y ~ bool() when $x == rde", "$x ~ choice(red, blue) default green"),
    "HP029": ("$x ~ choice($y, red)\n$y ~ uniform(0, $n)\nrequire $x == $y => $y < 1",),
    "HP030": ("$x ~ uniform(0, 1)\nrequire $x > $n", "$x ~ bool()\nrequire $x\nforbid $x"),
    "HP031": ("$x ~ uniform(0, 1)\nrequire $x < $n", "$x ~ int uniform(0, 1)\nforbid $x > $n"),
    "HP032": ("$x ~ int uniform(1, 4)\n$y ~ bool() when $x > 4 * $n", "$x ~ uniform(0, $n) when false"),
    "HP033": (
        "$x ~ uniform(-1, $n)\n$y = log($x)",
        "$x ~ int uniform(0, $n)\n$y = 1 / $x",
        "$x ~ uniform(-$n, 0)\n$y = sqrt($x)",
    ),
    "HP034": ("$x ~ uniform(0, 1) step 0.3", "$x ~ int uniform(0, 7) step 3", "$x ~ uniform(0, $n) step 0"),
    "HP035": (
        "$x ~ choice(red, blue)\nrequire $x",
        "$x ~ uniform(0, $n)\nrequire $x",
        "$x ~ choice(red, blue)\n$y = $x + $n",
    ),
    "HP036": ("$x = maximum($n, 1)", "$x = log(1, 2, $n)", "$x = exp()"),
    "HP037": ("$x ~ uniform(0, 1) default $n", "$x ~ int uniform(0, 9) default $n.5", "$x ~ pow2(1, 8) default 9"),
    "HP038": ("$x ~ uniform(0, 1) default 0.9\n$y ~ uniform(0, 1)\nrequire $x + $y < 0.$n",),
    "HP039": (
        "$x ~ uniform(0, 10)\nrequire $x > $n\ntry { $x = 1 }",
        "$x ~ bool()\n$y ~ bool() when $x\ntry { $x = false, $y = true }",
    ),
    "HP041": ("$x ~ choice(1, $n, 1$n)", "$x ~ choice(16, 32, 64)"),
    "HP042": ("$x ~ uniform(0, 1)\n$y ~ uniform(0, 1)\nrequire $x == $n * $y",),
    "HP043": ("$x ~ choice(red, blue, red)", "$x ~ bool()\nwhen $x { minimize loss }", "$x ~ choice { a, a }"),
    "HP044": ("minimize $x\nmaximize $x", "minimize $x\nminimize $x"),
    "HP045": ("$x[${n}000] ~ uniform(0, 1)", "$x ~ permutation(0 .. 9$n)", "$x[1001] { $y ~ bool() }"),
    "HP046": ("$x ~ bool()\n$y ~ int uniform(1, $n) when $x\n$z ~ uniform(0, $y)",),
    "HP047": ("$x ~ int uniform(1, 6)\n$y[$x] ~ uniform(0, $n)\nrequire decreasing($y)",),
    "HP048": (
        "$x[2] ~ bool()\n$y = 1 if $x[$n] else 0",
        "$x[1.5] ~ bool()",
        "$x ~ int uniform(1, $n)\n$y[$x] ~ bool()\n$z = $y[-1]",
    ),
    "HP049": ("$x { $y ~ bool() }\n$z = $n * $x", "$x[2] { $y ~ bool() }\n$z = 1 if $x.$y else 0\nrequire $x"),
    "HP050": (
        "space $x($y) { $z ~ int uniform(1, $y) }\na$x { use $x }",
        "$x { use $y }",
        "space $x { $z ~ bool() }\nuse $x($n)",
    ),
    "HP051": ('import "/srv/layers.hp" as $x', 'import "missing.hp" as $x'),
    "HP052": ("given $x in 1 .. $n = 1$n", "given $x", "given $x in 2 .. 1 = $n"),
    "HP053": ("given $x = $n", "space $x { $y ~ bool() }"),
    "HP054": (
        "$x ~ uniform(0, 1)\n$y ~ uniform(0, 1)\ncorrelate $x, $y = $n",
        "$x ~ choice(red, blue)\n$y ~ bool()\ncorrelate $x, $y = 0.$n",
    ),
    "HP055": (
        "$x ~ dirichlet(1, $n)",
        "$x[1$n] ~ increasing int uniform(1, $n)",
        "$x[3] ~ decreasing uniform(index, 1$n)",
    ),
    "HP056": ("$x ~ bool()\nfidelity $y = 1$n .. 1", "fidelity $x = 1 .. $n by 0.5"),
    "HP057": ("$x ~ int uniform(1, $n)\nsubject to $x <= 1", "$x = $n\nsubject to $x >= 1"),
    "HP058": ("$x ~ uniform(0, $n)\nassert $x < 1", "$x ~ bool()\nassert $x", "assert 1 > $n"),
}
# Alone in its file: only a claim that fails where everything else holds is known to fail.
_ALONE = frozenset({"HP058"})


@st.composite
def broken_specs(draw: st.DrawFn) -> Broken:
    """Specs with one planted mistake, as `(text, code)`: checking the text reports that code.

    Around the mistake stands a spec that compiles, of a few sentences; there is none once it is shrunk. Some codes
    are those of warnings. They are all of docs/errors but HP018, which takes a megabyte of text.
    """
    code = pick(draw, tuple(MISTAKES))
    mistake = Template(pick(draw, MISTAKES[code]))
    planted = mistake.substitute(x="wrong", y="other", z="third", n=draw(st.integers(2, 9)))
    if code in _ALONE or draw(st.integers(0, 3)) == 0:
        return Broken(f"{planted}\n", code)
    draft = draw(drafts(max_sentences=3, max_parameters=6))
    try:
        draft.compilation().model  # noqa: B018 - errors come with it
    except SpecError:
        reject()
    if draft.files:
        # Without its files it would break another rule.
        reject()
    last = draw(st.booleans())
    return Broken(f"{draft.text}{planted}\n" if last else f"{planted}\n{draft.text}", code)
