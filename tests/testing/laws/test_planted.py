"""Every law sees a defect that is planted for it."""

from dataclasses import replace

import numpy as np
import pytest

import hpdsl
from hpdsl.graph import entries, features
from hpdsl.grid import grid
from hpdsl.priors import functions as f
from hpdsl.priors.bases import Beta, Normal, Uniform
from hpdsl.priors.custom import unregister_prior
from hpdsl.priors.items import Items
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.tails import Gamma
from hpdsl.program.program import Program
from hpdsl.space import Space
from hpdsl.terms import apply
from hpdsl.testing.laws import LAWS, Subject, texts
from hpdsl.testing.laws.fault import Fault, reported

BY_NAME = {law.name: law for law in LAWS}
PLAIN = "x ~ uniform(0, 4)\ny ~ normal(0, 1)\nk ~ int uniform(1, 6)\n"
GUARDED = "on ~ bool()\nx ~ uniform(0, 1) when on\nz ~ uniform(0, 1)\n"
REQUIRED = "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nz ~ bool()\nrequire x * y < 0.3\n"
WRITTEN = "x ~ uniform(0, 1)  default 0.5\n"
MIXED = "x ~ choice(0: 2, loguniform(1e-3, 1): 1)\nc ~ choice(a, b: 3)\n"


def refuted(name, space, tries=2000):
    """The report of a law on a space; fails where it holds."""
    verdict = BY_NAME[name].check(Subject(space, tries=tries))
    assert verdict.outcome == "refuted", verdict.detail
    assert verdict.detail.startswith("refuted: ")
    assert verdict.report.startswith(f"error[{name}]: ")
    assert "= help: " in verdict.report
    return verdict.report


# ---- values -------------------------------------------------------------------------------------------


def stretched(monkeypatch):
    whole = Numeric.decode
    monkeypatch.setattr(Numeric, "decode", lambda self, u: whole(self, u) * 1.01)


def test_support(monkeypatch):
    stretched(monkeypatch)
    report = refuted("support", PLAIN)
    assert "a value of `x` is none that its prior allows" in report
    assert "x ~ uniform(0, 4)" in report


def test_the_smallest_configuration_is_shown(monkeypatch):
    whole = Numeric.decode
    monkeypatch.setattr(Numeric, "decode", lambda self, u: whole(self, u) * 1.01 if self.integer else whole(self, u))
    report = refuted(
        "support", "x ~ uniform(0, 4)  default 1\nk ~ int uniform(1, 6)\ny ~ uniform(0, 1)  default 0.25\n"
    )
    assert "seen at x = 1, k = 3, y = 0.25" in report


def test_static_hulls(monkeypatch):
    hull = Numeric.hull
    monkeypatch.setattr(Numeric, "hull", lambda self, facts: replace(hull(self, facts), hi=hull(self, facts).hi - 0.5))
    assert "the range that checks rely on" in refuted("support", "x ~ uniform(0, 4)\n")


def test_guards(monkeypatch):
    whole = entries.statements
    monkeypatch.setattr(entries, "statements", lambda m, s: tuple(replace(x, guard=None) for x in whole(m, s)))
    report = refuted("guards", GUARDED)
    assert "`x` has a value, though no condition for it holds" in report
    assert "seen at on = false" in report


def test_guards_that_exclude_too_much(monkeypatch):
    whole = entries.statements
    monkeypatch.setattr(entries, "statements", lambda m, s: tuple(x for x in whole(m, s) if x.guard is None))
    assert "`x` is missing" in refuted("guards", GUARDED)


def loosely(self, n, seed, start, max_attempts):
    return self.loose(n, seed)


def test_constraints(monkeypatch):
    monkeypatch.setattr(Program, "sample", loosely)
    report = refuted("constraints", REQUIRED)
    assert "a sample violates" in report
    assert "require x * y < 0.3" in report


def test_membership(monkeypatch):
    monkeypatch.setattr("hpdsl.configs._real", lambda value, code: round(value, 4))
    assert "`x` has another value" in refuted("membership", PLAIN)


def test_membership_of_what_is_refused(monkeypatch):
    monkeypatch.setattr("hpdsl.configs._integer", lambda value, code: str(int(value)))
    assert "a sample is refused" in refuted("membership", PLAIN)


# ---- codes --------------------------------------------------------------------------------------------


@pytest.fixture
def weibull():
    """Registers a Weibull law with functions that are right at shape 1.5, and replaced ones that need not be."""

    def register(**changes):
        parts = {
            "cdf": lambda x, k, s: 1 - f.exp(-((x / s) ** k)),
            "ppf": lambda p, k, s: s * (-f.log(1 - p)) ** (1 / k),
            "log_density": lambda x, k, s: f.log(k / s) + (k - 1) * f.log(x / s) - (x / s) ** k,
        }
        hpdsl.register_prior(
            "weibull",
            ("shape", "size"),
            support=(0, None),
            above={"shape": 0, "size": 0},
            scale="log",
            example=(1.5, 2),
            **{**parts, **changes},
        )
        return "x ~ weibull(2, 2)\n"

    yield register
    unregister_prior("weibull")


WRONG_CDF = {"cdf": lambda x, k, s: 1 - f.exp(-((x / s) ** 1.5))}
WRONG_DENSITY = {"log_density": lambda x, k, s: f.log(1.5 / s) + (k - 1) * f.log(x / s) - (x / s) ** k}


def test_a_registered_prior_that_is_right_holds(weibull):
    subject = Subject(weibull())
    assert not [v.report for law in LAWS if (v := law.check(subject)).failed]


def test_round_trip(weibull):
    report = refuted("round-trip", weibull(**WRONG_CDF))
    assert "which decodes to" in report
    assert "the functions that `weibull` was registered with" in report


def test_codes_outside_the_unit_interval(monkeypatch):
    monkeypatch.setattr(Numeric, "encode", lambda self, x: x)
    assert "the code of `x` is" in refuted("round-trip", PLAIN)


def test_codes_that_flip_what_is_active(monkeypatch):
    """The condition is about a value that is only a little off."""
    whole = Numeric.encode
    monkeypatch.setattr(Numeric, "encode", lambda self, x: whole(self, x) * (1.0 - 1e-10))
    text = "x ~ uniform(0, 1)\ny ~ uniform(0, 1) when x * 1e10 // 1 % 2 == 0\n"
    assert "other parameters are active" in refuted("round-trip", text)


def test_ties_at_the_boundary_of_a_condition_are_no_defect():
    text = "a[2] ~ beta(1, 10)\nb[2] = a[index] + 0.25\nc ~ bool() when increasing(b)\n"
    assert BY_NAME["round-trip"].check(Subject(text)).outcome == "held"


def test_features(monkeypatch):
    whole = features._numeric
    monkeypatch.setattr(features, "_numeric", lambda *arguments: whole(*arguments) * 1.5)
    assert "the features of `x` are 1.5" in refuted("features", PLAIN)


# ---- statistics ---------------------------------------------------------------------------------------


def test_marginals(weibull):
    assert "`x` is between" in refuted("marginals", weibull(**WRONG_CDF))


def test_marginals_a_little_off(monkeypatch):
    whole = Uniform.ppf
    monkeypatch.setattr(Uniform, "ppf", lambda self, u, a, b: whole(self, apply("pow", u, 1.05 + 0.0 * u), a, b))
    assert "`x`" in refuted("marginals", "x ~ uniform(0, 4)\n")


def test_marginals_of_cut_tails(monkeypatch):
    whole = Normal.ppf
    monkeypatch.setattr(Normal, "ppf", lambda self, u, a, b: apply("clip", whole(self, u, a, b), data=(-3.0, 3.0)))
    assert "`y` is between" in refuted("marginals", PLAIN)


@pytest.mark.parametrize("text", ["x ~ normal(1e12, 1e-3)\n", "x ~ normal(0, 1e-3)\n"])
def test_marginals_too_wide(monkeypatch, text):
    """Where neighbouring doubles are an eighth of a deviation apart, too."""
    whole = Normal.ppf
    monkeypatch.setattr(Normal, "ppf", lambda self, u, a, b: 3.0 * whole(self, u, a, b))
    assert "`x` is between" in refuted("marginals", text)


@pytest.mark.parametrize("text", ["x ~ beta(0.05, 0.05)\n", "x ~ gamma(0.02, 1)\n"])
def test_density_beside_a_pole(monkeypatch, text):
    for law in (Beta, Gamma):
        whole = law.log_pdf
        monkeypatch.setattr(law, "log_pdf", lambda self, t, a, b, whole=whole: whole(self, t, a, b) + 1e-4)
    assert "the density of `x` integrates to" in refuted("density", text)


def test_marginals_of_weights(monkeypatch):
    monkeypatch.setattr(Items, "index", lambda self, u: apply("holds", apply("lt", u, 0.4 + 0.0 * u)))
    assert "`c` is a in" in refuted("marginals", "c ~ choice(a, b)\n")


def test_marginals_of_values_that_never_come(monkeypatch):
    monkeypatch.setattr(Items, "index", lambda self, u: 0.0 * u)
    assert "`c` is a in 32,000 of 32,000 rows, where its prior puts 8,000.0" in refuted(
        "marginals", "c ~ choice(a, b: 3)\n"
    )


def shared(self, seed):
    keys = honest(self, seed).copy()
    keys[1:] = keys[0]
    return keys


honest = Program.keys


def test_independence_of_parameters(monkeypatch):
    monkeypatch.setattr(Program, "keys", shared)
    assert "`x` and `y` are not independent" in refuted("independence", PLAIN)


def test_independence_of_rows(monkeypatch):
    whole = Program.loose
    monkeypatch.setattr(
        Program, "loose", lambda self, n, seed=0: np.repeat(whole(self, n // 2 + 1, seed), 2, axis=1)[:, :n]
    )
    assert "`x` in one row and `x` in the next" in refuted("independence", PLAIN)


def test_conditioning(monkeypatch):
    """Every requirement holds, but x is drawn from its lower half too often."""
    whole = Program.sample

    def tilted(self, n, seed, start, max_attempts):
        rows = whole(self, 2 * n, seed, start, max_attempts)
        order = np.argsort(rows[0] > 0.5, kind="stable")
        return rows[:, np.sort(order[:n])]

    monkeypatch.setattr(Program, "sample", tilted)
    report = refuted("conditioning", REQUIRED)
    assert "`x` in part" in report
    assert "require x * y < 0.3" in report


# ---- density ------------------------------------------------------------------------------------------


def test_density(weibull):
    assert "the density of `x` integrates to" in refuted("density", weibull(**WRONG_DENSITY))


def test_density_without_its_truncation(monkeypatch):
    monkeypatch.setattr(Normal, "log_pdf", lambda self, t, a, b: t * t * -0.5 - 0.9189385332046727)
    assert "`y` integrates to" in refuted("density", "y ~ normal(0, 1) in -1 .. 2\n")
    assert BY_NAME["density"].check(Subject("y ~ normal(0, 1)\n")).outcome == "held"


def test_density_of_a_choice_with_a_range(monkeypatch):
    whole = Items.log_density
    monkeypatch.setattr(Items, "log_density", lambda self, r: whole(self, r) + (0.1 if self.ranged else 0.0))
    assert "`x`" in refuted("density", MIXED)


def test_masses(monkeypatch):
    whole = Items.log_density
    monkeypatch.setattr(Items, "log_density", lambda self, r: whole(self, r) * 1.001)
    assert "the mass of a value of `c` is" in refuted("density", "c ~ choice(a, b: 3)\n")


def test_density_of_a_copula(monkeypatch):
    monkeypatch.setattr(entries, "log_factor", lambda block: 0.0 * apply("known", block[0].reading.value))
    assert "`b`" in refuted("density", "a ~ normal(0, 1)\nb ~ uniform(0, 1)\ncorrelate a, b = 0.5\n")


def test_the_whole_density(monkeypatch):
    whole = Space.log_density
    monkeypatch.setattr(Space, "log_density", lambda self, configs: whole(self, configs) + 1e-6)
    assert "is not the sum of its parts" in refuted("density", PLAIN)


# ---- rows and texts -----------------------------------------------------------------------------------


def test_prefix(monkeypatch):
    monkeypatch.setattr(
        Program, "sample", lambda self, n, seed, start, most: self.loose(start + n, seed + n)[:, start:]
    )
    assert "where rows 0 .. 9 are drawn alone" in refuted("prefix", PLAIN)


def numbered(self, seed):
    return np.array([[p.index, seed] for p in self.model.parameters], dtype=np.uint32)


def test_order(monkeypatch):
    monkeypatch.setattr(Program, "keys", numbered)
    report = refuted("order", PLAIN)
    assert "with its sentences in another order samples of `x` change" in report
    assert "the text was:" in report


def test_order_in_identities(monkeypatch):
    monkeypatch.setattr("hpdsl.space.space_id", lambda model: model.source.text)
    assert "its identity differs" in refuted("order", PLAIN)


def test_isolation(monkeypatch):
    monkeypatch.setattr(Program, "keys", numbered)
    assert "with one more parameter samples of `x` change" in refuted("isolation", PLAIN)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda s: s.text.replace("0, 4", "0, 5"), "another space"),
        (lambda s: s.text + "minimize loss\n", "another experiment"),
        (lambda s: s.text + "# again\n", "changes it again"),
        (lambda s: s.text.replace("uniform", "unifrom"), "does not compile"),
    ],
)
def test_fmt(monkeypatch, wrong, said):
    monkeypatch.setattr(texts, "format_source", wrong)
    assert said in refuted("fmt", PLAIN)


# ---- grids and points ---------------------------------------------------------------------------------


def test_grid_without_requirements(monkeypatch):
    monkeypatch.setattr(grid, "broken", lambda requirements, row: [])
    assert "does not belong to the space" in refuted(
        "grid", "k ~ int uniform(1, 3)\nm ~ int uniform(1, 3)\nforbid k == m\n"
    )


def test_grid_that_lacks_something(monkeypatch):
    whole = grid.levels
    monkeypatch.setattr(grid, "levels", lambda dist, m, row: whole(dist, m, row)[:-1])
    assert "lacks a configuration" in refuted("grid", PLAIN)


def test_grid_that_repeats_itself(monkeypatch):
    whole = grid.Grid.__getitem__
    monkeypatch.setattr(grid.Grid, "__getitem__", lambda self, k: whole(self, k // 2))
    assert "are the same" in refuted("grid", PLAIN)


def test_grid_of_uneven_levels(monkeypatch):
    whole = Numeric.at_scale
    monkeypatch.setattr(Numeric, "at_scale", lambda self, z: whole(self, z * z))
    assert "not equally spaced" in refuted("grid", PLAIN)


def test_written(monkeypatch):
    monkeypatch.setattr(Space, "default", {"x": 7.0})
    report = refuted("written", WRITTEN)
    assert "the default configuration is refused: `x` = 7 is outside 0 .. 1" in report


def test_every_law_has_a_planted_defect():
    planted = {name.removeprefix("test_").partition("_")[0] for name in globals() if name.startswith("test_")}
    assert {law.name.partition("-")[0] for law in LAWS} <= planted


# ---- reports ------------------------------------------------------------------------------------------


def test_a_report_in_full(monkeypatch):
    monkeypatch.setattr(Program, "sample", loosely)
    text = "a ~ choice(p, q)\nx ~ uniform(0, 1)\nrequire a == p or x < 0  : 'never'\n"
    report = BY_NAME["constraints"].check(Subject(text, tries=50)).report
    lines = report.splitlines()
    assert lines[0] == "error[constraints]: a sample violates `never`"
    assert lines[1] == " --> <string>:3:1"
    assert "a = q" in lines[-1]


def test_long_configurations_are_cut():
    subject = Subject("".join(f"parameter_{k} ~ uniform(0, 1)\n" for k in range(60)), tries=5)
    report = reported(subject, "support", Fault("wrong", row=subject.sample[:, 0]))
    assert report.endswith("…")
