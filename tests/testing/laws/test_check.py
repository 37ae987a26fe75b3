"""`check_space` and `verdicts` on spaces that use every construct, and on broken ones."""

from pathlib import Path

import pytest
from spaces import SPACES

import hpdsl
from hpdsl.testing import BrokenPromiseError, check_space
from hpdsl.testing.check import verdicts
from hpdsl.testing.laws import LAWS, Subject, grids

ROOT = Path(__file__).parents[3]
FILES = sorted(str(p.relative_to(ROOT)) for p in [*ROOT.glob("examples/*/*.hp"), *ROOT.glob("benchmarks/spaces/*.hp")])
BROKEN = "x ~ uniform(0, 1)\nassert x < 0.5  : 'small'\n"


# Statistical laws have 4,800 rows here, and are refuted by chance in fewer than one of 1e6 runs of a space.
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
@pytest.mark.parametrize("name", sorted(SPACES))
def test_every_law_holds(name, law):
    verdict = law.check(Subject(SPACES[name], tries=300))
    assert verdict.outcome in ("held", "skipped"), verdict.report
    assert (verdict.name, verdict.kind, verdict.report) == (law.name, "law", "")
    assert verdict.detail
    assert "\n" not in verdict.detail


@pytest.mark.parametrize("name", FILES)
def test_every_law_holds_on_files(name):
    found = check_space(hpdsl.load(ROOT / name), tries=300)
    assert not any(v.failed for v in found)
    assert [v.name for v in found[: len(LAWS)]] == [law.name for law in LAWS]


def test_other_seeds_hold_too():
    for seed in range(5):
        subject = Subject(SPACES["templates"], tries=200, seed=seed)
        for law in LAWS:
            verdict = law.check(subject)
            assert not verdict.failed, verdict.report


def test_names_are_fit_for_selection():
    names = [law.name for law in LAWS]
    assert len(set(names)) == len(names)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz-") for name in names)
    assert all(law.says and "\n" not in law.says for law in LAWS)


def test_a_broken_claim_is_raised_with_its_report():
    with pytest.raises(BrokenPromiseError, match="this does not always hold: small") as caught:
        check_space(BROKEN)
    assert isinstance(caught.value, hpdsl.HpdslError)
    assert isinstance(caught.value, AssertionError)
    assert [v.name for v in caught.value.verdicts if v.failed] == ["assert@2"]
    assert caught.value.verdicts[0].outcome == "held"


def test_laws_can_be_chosen():
    assert [v.name for v in check_space(BROKEN, laws=["fmt", "support"])] == ["support", "fmt"]
    with pytest.raises(BrokenPromiseError):
        check_space(BROKEN, laws=["assert"])
    with pytest.raises(hpdsl.UnknownNameError, match="no law or `assert` is called `speed`; there are support"):
        check_space(BROKEN, laws=["speed"])


def test_verdicts_come_one_by_one():
    found = verdicts(BROKEN)
    assert next(found).name == LAWS[0].name
    assert [v.outcome for v in found][-1] == "refuted"


def test_statistics_of_next_to_nothing_are_skipped():
    text = "x ~ uniform(0, 1)\non ~ bool(0.001)\ny ~ choice(a, b: 3) when on\nrequire x < 0.9\n"
    for tries in (1, 2):
        found = {v.name: v for v in check_space(text, tries=tries)}
        assert not any(v.failed for v in found.values())
        rows = 16 * tries
        judged = "held" if rows >= 30 else "skipped"
        assert (found["marginals"].outcome, found["independence"].outcome) == (judged, judged)
        assert found["conditioning"].outcome == "skipped"
        if judged == "skipped":
            said = "16 rows of the prior are too few to judge it, where 30 are needed: ask for more examples"
            assert found["marginals"].detail == found["independence"].detail == said
        else:
            assert found["marginals"].detail.endswith("; 1 prior in force in fewer than 30 rows left out")


def test_numbers_agree_with_what_they_count():
    text = "on ~ bool()  default true\nx ~ uniform(0, 1)  when on\n"
    text += "y ~ uniform(0, 1)\nassert y <= 2 * y ** 2 + 0.125\n"
    found = {v.name: v.detail for v in check_space(text, tries=1)}
    assert found["guards"].endswith("for 1 conditional parameter")
    assert found["written"] == "1 configuration"
    assert found["prefix"].endswith("of 1 row")
    assert found["assert@4"].startswith("held in 1 random configuration (")


def test_a_wrong_text_is_a_spec_error():
    with pytest.raises(hpdsl.SpecError, match="unknown prior"):
        check_space("x ~ unifrom(0, 1)\n")


def test_laws_that_need_samples_are_skipped_where_none_is_found():
    space = hpdsl.loads("x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nrequire (x - y) ** 2 < 1e-18 : 'meet'\n")
    (verdict,) = check_space(space, tries=20, laws=["support"])
    assert verdict.outcome == "skipped"
    assert "meet" in verdict.detail


@pytest.mark.parametrize("text", ["", "y = 3\n", "minimize loss\n"])
def test_spaces_without_parameters_are_fine(text):
    assert not any(v.failed for v in check_space(text))


def test_edited_spaces_and_imports_keep_the_laws(tmp_path):
    (tmp_path / "part.hp").write_text("k ~ int uniform(1, 4)\n")
    (tmp_path / "main.hp").write_text('import "part.hp" as p\nuse p\nx ~ normal(0, 1) in -3 .. 3\nrequire x < k\n')
    space = hpdsl.load(tmp_path / "main.hp")
    for edited in (space, space.fix(k=2), space.restrict(x=(-1.0, 1.0))):
        assert not any(v.failed for v in check_space(edited, tries=300))


def test_codes_of_three_correlated_parameters_lead_back():
    """A partner at its end moves the value of the next by what the last digit of its code is worth."""
    text = "lr ~ lognormal(1e-3, 3)\nwarmup ~ beta(1, 10)\nbatch ~ pow2(16, 1024)\n"
    text += "correlate lr, warmup = 0.5\ncorrelate lr, batch = 0.3\n"
    (law,) = (law for law in LAWS if law.name == "round-trip")
    for seed in range(4):
        verdict = law.check(Subject(hpdsl.loads(text), tries=300, seed=seed))
        assert verdict.outcome == "held", verdict.report


@pytest.mark.parametrize(("most", "outcome"), [(100, "held"), (1, "skipped")])
def test_grids_that_take_long_to_count_are_left_alone_in_words(monkeypatch, most, outcome):
    monkeypatch.setattr(grids, "EXAMINED", most)
    (found,) = check_space("w[5] ~ dirichlet(1)\n", laws=["grid"], tries=20)
    assert found.outcome == outcome
    left = "more than 100 combinations" if most == 100 else "with 2 levels more than 1 combinations"
    assert left in found.detail
    assert ("configurations: 5 with 2 levels" in found.detail) == (outcome == "held")
