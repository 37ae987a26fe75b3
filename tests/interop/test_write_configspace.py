"""Writing the JSON of ConfigSpace: what it accepts is what the space accepts."""

import json

import pytest
from spaces import SPACES

import hpdsl
from hpdsl.errors import InvalidConfiguration, UsageError
from hpdsl.interop import write_configspace
from hpdsl.interop.portable import portable

EXACT = {
    *("uniform", "log", "betas", "steps", "listed", "mixed", "derived"),
    *("union", "when", "guarded", "quoted", "groups", "templates"),
}
HELD = {
    **{name: text for name, text in SPACES.items() if name in EXACT},
    "bounded": "x ~ normal(0, 1) in -1 .. 3\nz ~ lognormal(1e-4, 10) in 1e-6 .. 1\nd ~ int normal(5, 2) in 0 .. 10\n",
    "integers": "a ~ int uniform(1, 3)\nb ~ int loguniform(1, 64)\ng ~ int uniform(4, 4)\nk = 3\n",
    "lengths": "n ~ int uniform(0, 3)\nw[n] ~ int loguniform(16, 64)\nrequire n > 1 => w[0] < w[1]\n",
    "conditions": """
a ~ uniform(0, 1)
k ~ int uniform(1, 9)
c ~ choice(x, y, z)
f ~ ordinal(small, medium, large)
p ~ uniform(0, 1) when (a >= 0.5 and c != x) or k == 3
q ~ bool() when not (c in [x, y]) or 2 * k > 9
r ~ uniform(0, 1) when active(p) and f in [small, large]
s ~ uniform(0, 1) when a in 0.2 .. 0.7
""",
    "forbidden": """
a ~ choice(x, y)
b ~ choice(u, v, w)
n ~ int uniform(1, 5)
m ~ int uniform(1, 5)
t ~ uniform(0, 1)
o ~ bool() when a == x
require a == x => b == v or n > 2
forbid a == y and b in [u, w] and m == 3
forbid n < m and t <= 0.25
require n + m <= 8
require o => t > 0.1
""",
}


@pytest.mark.parametrize("name", HELD)
def test_both_accept_the_same(name):
    package = pytest.importorskip("ConfigSpace", reason="ConfigSpace is not installed")
    space = hpdsl.loads(HELD[name])
    flat = portable(space)
    theirs = write_configspace.space(space)
    theirs.seed(0)
    for config in space.sample(1000):
        values = flat.values(config)
        package.Configuration(theirs, values=values).check_valid_configuration()
        assert flat.config(values) == config
    for config in theirs.sample_configuration(1000):
        values = {k: x.item() if hasattr(x, "item") else x for k, x in dict(config).items()}
        space.validate(flat.config(values))


@pytest.mark.parametrize("name", SPACES)
def test_what_is_lost_is_still_read(name):
    package = pytest.importorskip("ConfigSpace", reason="ConfigSpace is not installed")
    theirs = write_configspace.space(hpdsl.loads(SPACES[name]), lossy=True)
    assert isinstance(theirs, package.ConfigurationSpace)
    assert len(theirs.sample_configuration(20)) == 20


@pytest.mark.parametrize("name", ["union", "listed", "forbidden"])
def test_the_text_is_what_they_print(name, tmp_path):
    package = pytest.importorskip("ConfigSpace", reason="ConfigSpace is not installed")
    text = write_configspace.write(hpdsl.loads(HELD[name])).text
    made = json.loads(text)
    package.ConfigurationSpace.from_serialized_dict(json.loads(text)).to_json(tmp_path / "again.json")
    again = json.loads((tmp_path / "again.json").read_text())
    for key in ("hyperparameters", "conditions"):
        for ours, theirs in zip(
            sorted(made[key], key=lambda x: x.get("name", x.get("child"))),
            sorted(again[key], key=lambda x: x.get("name", x.get("child"))),
            strict=True,
        ):
            assert ours.keys() == theirs.keys()
            assert {k: x for k, x in ours.items() if k != "weights"} == {
                k: x for k, x in theirs.items() if k != "weights"
            }
    assert made["format_version"] == again["format_version"]
    assert len(made["forbiddens"]) == len(again["forbiddens"])


def document(text, **options):
    return json.loads(write_configspace.write(hpdsl.loads(text), **options).text)


def test_a_union():
    made = document("## what moves\noptim ~ choice { adamw: 3 { weight_decay ~ loguniform(1e-4, 0.1) }; lion }\n")
    assert made["hyperparameters"] == [
        {
            "type": "categorical",
            "name": "optim",
            "choices": ["adamw", "lion"],
            "weights": [0.75, 0.25],
            "default_value": "adamw",
            "meta": {"doc": "what moves"},
        },
        {
            "type": "uniform_float",
            "name": "optim.adamw.weight_decay",
            "lower": 1e-4,
            "upper": 0.1,
            "default_value": 0.0031622776602,
            "log": True,
            "meta": None,
        },
    ]
    assert made["conditions"] == [
        {"child": "optim.adamw.weight_decay", "parent": "optim", "type": "EQ", "value": "adamw"}
    ]


def test_requirements():
    base = "a ~ choice(x, y)\nb ~ choice(u, v, w)\nn ~ int uniform(1, 5)\nm ~ int uniform(1, 5)\nt ~ uniform(0, 1)\n"

    def forbidden(sentence):
        return document(base + sentence + "\n")["forbiddens"]

    some_b = {"type": "IN", "name": "b", "values": ["u", "w"]}
    assert forbidden("require a == x => b == v") == [
        {"type": "AND", "clauses": [{"type": "EQUALS", "name": "a", "value": "x"}, some_b]}
    ]
    assert forbidden("forbid a == y and b in [u, w]") == [
        {"type": "AND", "clauses": [{"type": "EQUALS", "name": "a", "value": "y"}, some_b]}
    ]
    assert forbidden("require n < m") == [{"type": "RELATION_GE", "left": "n", "right": "m"}]
    assert forbidden("when a == x { require t < 0.5 }") == [
        {
            "type": "AND",
            "clauses": [
                {"type": "EQUALS", "name": "a", "value": "x"},
                {
                    "type": "OR",
                    "clauses": [
                        {"type": "CLAUSE_GT", "name": "t", "value": 0.5},
                        {"type": "EQUALS", "name": "t", "value": 0.5},
                    ],
                },
            ],
        }
    ]


def test_priors_that_are_replaced():
    text = "lr ~ lognormal(2e-4, 3) in 1e-6 .. 1e-2\nk ~ int loguniform(1, 9)\ny = 2 * lr\n"
    assert write_configspace.write(hpdsl.loads(text)).notes == (
        "the derived value `y` is left out: it follows from the others",
        "`lr ~ lognormal(2e-4, 3) in 1e-6 .. 1e-2` becomes log-uniform between its bounds: ConfigSpace has no such law",
        "`k ~ int loguniform(1, 9)`: ConfigSpace has another log-uniform law of integers, so masses differ a little",
    )
    text = "a ~ normal(0, 1) in -1 .. 1\nb ~ uniform(0, 1)\ncorrelate a, b = 0.5\n"
    assert write_configspace.write(hpdsl.loads(text)).notes == (
        "`b` is drawn independently of `a`: the correlation is left out",
    )


REFUSED = """
a ~ uniform(0, 1)
b ~ uniform(0, a)
c ~ normal(0, 1)
p ~ permutation(x, y)
s ~ subset(u, v, w, size = 2)
o[2] ~ increasing uniform(0, 1)
t ~ loguniform(1e-15, 1e-3)
w ~ bool() when a + b < 1
require a + b <= 0.9 : "no more"
"""
LINES = (
    "<string>:3: `b ~ uniform(0, a)`: its bounds depend on other parameters",
    "<string>:4: `c ~ normal(0, 1)`: it has no bounds; write `in -4.75342 .. 4.75342`, say, which is nearly all of it",
    "<string>:5: `p ~ permutation(x, y)`: the elements of a permutation depend on one another",
    "<string>:6: `s ~ subset(u, v, w, size = 2)`: which values are possible depends on other parameters",
    "<string>:7: `o[…] ~ increasing uniform(0, 1)`: the elements are ordered",
    "<string>:9: `w ~ … when a + b < 1`: it computes with `a` and `b`",
    '<string>:10: `require a + b <= 0.9 : "no more"`: it computes with `a` and `b`',
    "<string>:8: `t ~ loguniform(1e-15, 1e-3)`: ConfigSpace rounds bounds to 13 decimals, which leaves no range",
)


def test_what_is_refused():
    with pytest.raises(UsageError) as caught:
        write_configspace.write(hpdsl.loads(REFUSED))
    lines = str(caught.value).splitlines()
    assert lines[0] == "ConfigSpace cannot hold 8 sentences of <string>:"
    assert sorted(line.strip() for line in lines[1:-1]) == sorted(LINES)
    assert lines[-1] == "pass lossy=True to leave these out, with a note for each"
    notes = write_configspace.write(hpdsl.loads(REFUSED), lossy=True).notes
    assert sorted(n for n in notes if n.startswith("lost: ")) == sorted(f"lost: {line}" for line in LINES)


def test_values_that_are_no_configuration():
    flat = portable(hpdsl.loads(SPACES["union"]))
    with pytest.raises(InvalidConfiguration, match=r"`optim\.sgd\.lr` is missing; .*adam\.lr` is not active"):
        flat.config({"optim": "sgd", "optim.adam.lr": 1e-3})
    with pytest.raises(InvalidConfiguration, match="`optim` = 'rms' is none of its values"):
        flat.config({"optim": "rms"})


def test_without_the_package(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "ConfigSpace", None)
    with pytest.raises(UsageError, match="ConfigSpace is not installed; install it with `pip install ConfigSpace`"):
        write_configspace.space(hpdsl.loads("x ~ bool()\n"))
