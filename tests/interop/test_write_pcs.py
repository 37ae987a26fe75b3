"""Writing SMAC's new .pcs format."""

import warnings

import pytest
from spaces import SPACES

import hpdsl
from hpdsl.errors import UsageError
from hpdsl.interop import write_pcs
from hpdsl.interop.portable import portable

FILE = """
optim ~ choice { sgd { lr ~ loguniform(0.001, 1); mom ~ uniform(0, 1) when lr >= 0.25 }; adam { lr ~ uniform(0, 1) } }
k ~ int uniform(1, 4)
m ~ int uniform(1, 3)
f ~ ordinal(small, medium, large)
q ~ bool() when optim == adam or (k > 2 and f in [small, large])
w[2] ~ uniform(0, 1)
z ~ uniform(0, 1) when f != medium
require k <= m + 1
forbid optim == adam and f == medium
"""
TEXT = """\
optim categorical {sgd, adam} [sgd]
k integer [1, 4] [2]
m integer [1, 3] [2]
f ordinal {small, medium, large} [medium]
w.0 real [0.0, 1.0] [0.5]
w.1 real [0.0, 1.0] [0.5]
optim.sgd.lr real [0.001, 1.0] [0.0316227766016838] log
optim.sgd.mom real [0.0, 1.0] [0.5]
optim.adam.lr real [0.0, 1.0] [0.5]
q categorical {false, true} [false]
z real [0.0, 1.0] [0.5]

optim.sgd.lr | optim == sgd
optim.sgd.mom | optim == sgd && optim.sgd.lr > 0.25 || optim == sgd && optim.sgd.lr == 0.25
optim.adam.lr | optim == adam
q | optim == adam || k > 2 && f == small || k > 2 && f == large
z | f in {small, large}

{m=1, k=3}
{m=1, k=4}
{m=2, k=4}
{optim=adam, f=medium}
"""


def words(text):
    """The sentences of a file in no particular order."""
    return sorted(line for line in text.splitlines() if line)


def test_a_file():
    made = write_pcs.write(hpdsl.loads(FILE))
    assert words(made.text) == words(TEXT)
    assert made.notes == (
        "`w[0]` is called `w.0`: the format has fewer characters for names",
        "`w[1]` is called `w.1`: the format has fewer characters for names",
        "the values of `q` become text: the format has no others in lists",
    )


def theirs(text):
    pytest.importorskip("ConfigSpace", reason="ConfigSpace is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ConfigSpace.read_and_write import pcs_new

        return pcs_new.read(text.splitlines())


def test_both_accept_the_same():
    package = pytest.importorskip("ConfigSpace", reason="ConfigSpace is not installed")
    space = hpdsl.loads(FILE)
    flat = portable(space)
    other = theirs(write_pcs.write(space).text)
    other.seed(0)
    names = {v.name: v.name.replace("[", ".").replace("]", "") for v in flat.variables}
    for config in space.sample(1000):
        values = {names[k]: str(x).lower() if isinstance(x, bool) else x for k, x in flat.values(config).items()}
        package.Configuration(other, values=values).check_valid_configuration()
    back = {b: a for a, b in names.items()}
    for config in other.sample_configuration(1000):
        values = {back[k]: x.item() if hasattr(x, "item") else x for k, x in dict(config).items()}
        if "q" in values:
            values["q"] = values["q"] == "true"
        space.validate(flat.config(values))


@pytest.mark.parametrize("name", SPACES)
def test_everything_is_read(name):
    made = write_pcs.write(hpdsl.loads(SPACES[name]), lossy=True)
    found = theirs(made.text)
    assert len(found) == len(portable(hpdsl.loads(SPACES[name])).variables)


def test_what_is_refused():
    text = "x ~ uniform(0, 1)\nk ~ int uniform(1, 5000)\nrequire x < 0.5\nforbid k > 3\ny ~ uniform(0, x)\n"
    with pytest.raises(UsageError) as caught:
        write_pcs.write(hpdsl.loads(text))
    assert str(caught.value) == (
        "the .pcs format cannot hold 3 sentences of <string>:\n"
        "  <string>:5: `y ~ uniform(0, x)`: its bounds depend on other parameters\n"
        "  <string>:3: `require x < 0.5`: the format forbids single values only, and `x` is continuous\n"
        "  <string>:4: `forbid k > 3`: the format forbids single values only, and `k` has too many\n"
        "pass lossy=True to leave these out, with a note for each"
    )


def test_names_and_values_of_fewer_characters():
    made = write_pcs.write(hpdsl.loads("`a b` ~ choice(`x y`, `x|y`, x_y: 2)\n`a_b` ~ bool()\n"))
    assert made.text == "a_b categorical {x_y, x_y_, x_y__} [x_y__]\na_b_ categorical {false, true} [false]\n"
    assert made.notes == (
        "`a b` is called `a_b`: the format has fewer characters for names",
        "`a_b` is called `a_b_`: the format has fewer characters for names",
        "`a b ~ choice(`x y`, `x|y`, x_y: 2)` is drawn uniformly: the format has no weights",
        "the value 'x y' of `a b` becomes `x_y`: the format has fewer characters",
        "the value 'x|y' of `a b` becomes `x_y_`: the format has fewer characters",
        "the value 'x_y' of `a b` becomes `x_y__`: the format has fewer characters",
        "the values of `a_b` become text: the format has no others in lists",
    )


def test_numbers_and_truth_values_stay_apart():
    made = write_pcs.write(
        hpdsl.loads("a ~ choice(0, false, 1, true)\nb ~ bool() when a in [0, true]\nforbid a == 1\n")
    )
    assert made.text == (
        "a categorical {0, false, 1, true} [0]\nb categorical {false, true} [false]\n\nb | a in {0, true}\n\n{a=1}\n"
    )
