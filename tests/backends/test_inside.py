"""What the model predicts, which parameters matter to it, and why a configuration was asked."""

import math

import numpy as np
import pytest

import hpdsl
from hpdsl.backends.bayes.transform import restore, targets

TEXT = "x ~ uniform(-1, 1)\nrate ~ loguniform(1e-4, 1)\nidle ~ uniform(0, 1)\nc ~ choice(a, b)\n"


def loss(config):
    return (config["x"] - 0.3) ** 2 + 0.3 * (math.log10(config["rate"]) + 2) ** 2 + 0.05 * (config["c"] == "b")


def played(n, text=TEXT, function=loss, **options):
    opt = hpdsl.backend("bayes", hpdsl.loads(text), seed=0, **options)
    for _ in range(n):
        config = opt.ask()
        opt.tell(config, function(config))
    return opt


@pytest.mark.parametrize("sign", [1, -1])
def test_predictions_are_in_the_units_of_the_objective(sign):
    text = TEXT + ("minimize loss\n" if sign == 1 else "maximize gain\n")
    opt = played(30, text, lambda c: 7.0 + 1000.0 * sign * loss(c))
    told = [o.config for o in opt.told]
    mean, sd = opt.surrogate.predict(told)
    true = np.array([7.0 + 1000.0 * sign * loss(c) for c in told])
    assert mean.shape == sd.shape == (30,)
    # The good half is modelled linearly; there the model has seen what it says.
    good = np.argsort(sign * true)[:15]
    assert mean[good] == pytest.approx(true[good], abs=15.0)
    elsewhere = list(opt.space.sample(50, seed=5))
    mean, sd = opt.surrogate.predict(elsewhere)
    true = np.array([7.0 + 1000.0 * sign * loss(c) for c in elsewhere])
    assert (sd > 0).all()
    assert np.median(np.abs(mean - true) / sd) < 3.0
    assert np.corrcoef(mean, true)[0, 1] > 0.9
    same, _ = opt.surrogate.predict(opt.space.sample(50, seed=5))
    assert (same == mean).all()


@pytest.mark.parametrize("text", [TEXT, TEXT + "maximize gain\n", TEXT + "minimize loss\nsubject to ms <= 2\n"])
def test_a_surrogate_kept_between_asks_equals_a_fresh_one(text):
    space, rng = hpdsl.loads(text), np.random.default_rng(0)
    places = list(space.sample(40, seed=9))
    live, trials, kept = hpdsl.backend("bayes", space, seed=0), [], []

    def answers(surrogate):
        mean, sd = surrogate.predict(places)
        return [*mean, *sd, surrogate.noise, *surrogate.importance().values()]

    for k in range(40):
        config = live.ask()
        value = None if k % 9 == 4 else loss(config) + 0.3 * rng.normal()
        told = {"loss": value, "ms": config["x"]} if "subject" in text and value is not None else value
        live.tell(config, told)
        trials.append((config, told))
        if k in (11, 25, 33, 39):
            surrogate = live.surrogate
            kept.append((len(trials), surrogate, answers(surrogate)))
    for n, surrogate, then in kept:
        fresh = hpdsl.backend("bayes", space, seed=0)
        for config, told in trials[:n]:
            fresh.tell(config, told)
        assert answers(fresh.surrogate) == then
        assert answers(surrogate) == then
        fresh.ask(2)
        assert answers(fresh.surrogate) == then
    assert len({tuple(then) for _, _, then in kept}) == len(kept)


def test_importance_finds_what_matters():
    found = played(30).surrogate.importance()
    assert list(found) == sorted(found, key=lambda name: -found[name])
    assert next(iter(found)) == "x"
    assert found["idle"] < 0.02 < found["rate"]
    assert set(found) == {"x", "rate", "idle", "c"}


# With f = a and a uniform beside what the requirement leaves of b, E[Var(a | b)] is 1/24 and Var(a) 1/18.
@pytest.mark.parametrize("requirement", ["a < b", "b < a", "a + b <= 1"])
@pytest.mark.parametrize("matters", ["a", "b"])
def test_importance_is_that_of_the_values_which_requirements_leave(requirement, matters):
    space = hpdsl.loads(f"a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nrequire {requirement}\n")
    opt = hpdsl.backend("bayes", space, seed=0)
    for config in space.sample(40, seed=1):
        opt.tell(config, config[matters])
    found = opt.surrogate.importance()
    # Of 2,048 pairs, and the bad values are modelled squeezed.
    assert found.pop(matters) == pytest.approx(0.75, abs=0.06)
    assert list(found.values()) == pytest.approx([0.0], abs=1e-3)


def test_what_a_requirement_pins_down_has_no_effect_of_its_own():
    space = hpdsl.loads("a ~ int uniform(1, 4)\nb ~ int uniform(1, 4)\nc ~ bool(0.5)\nrequire a == b\n")
    opt = hpdsl.backend("bayes", space, seed=0)
    for config in space.sample(30, seed=1):
        opt.tell(config, config["a"] + config["c"])
    found = opt.surrogate.importance()
    assert (found["a"], found["b"]) == (0.0, 0.0)
    assert found["c"] > 0.1


def test_importance_where_few_configurations_are_allowed():
    # One in 400 of the prior, which draws by hundreds would hardly meet.
    space = hpdsl.loads(TEXT.replace("idle", "y") + "require x * x + y * y < 0.004\n")
    opt = hpdsl.backend("bayes", space, seed=0)
    for config in space.sample(20, seed=1):
        opt.tell(config, 20.0 * config["x"])
    found = opt.surrogate.importance()
    assert found["x"] > 0.5
    assert found["rate"] < 0.05


def test_noise_is_the_share_of_the_variance_that_nothing_explains():
    rng = np.random.default_rng(0)
    assert played(30).surrogate.noise < 0.02
    noisy = played(40, function=lambda c: loss(c) + rng.normal())
    assert noisy.surrogate.noise > 0.3


def test_a_model_needs_two_values():
    opt = hpdsl.backend("bayes", hpdsl.loads(TEXT), seed=0)
    for _ in range(2):
        with pytest.raises(hpdsl.UsageError, match=r"a model needs two trials with a value; [01] told so far"):
            _ = opt.surrogate
        opt.tell(opt.ask(), 1.0)
    assert opt.surrogate.predict([opt.ask()])[0] == pytest.approx([1.0])


@pytest.mark.parametrize("name", ["grid", "random", "tpe"])
def test_a_backend_without_a_model_says_which_have_one(name):
    opt = hpdsl.backend(name, hpdsl.loads(TEXT), seed=0)
    config = opt.ask()
    opt.tell(config, 1.0)
    for what, ask in (
        ("no surrogate", lambda: opt.surrogate),
        ("no surrogate", lambda: opt.surrogate_of("value")),
        ("no acquisition function", lambda: opt.acquisition([config])),
        ("no reasons", lambda: opt.explain(config)),
        ("no surrogate", lambda: hpdsl.plot.importance(opt)),
        ("no surrogate", lambda: hpdsl.plot.posterior(opt, "x")),
    ):
        with pytest.raises(hpdsl.UsageError, match=f"the backend `{name}` has {what}; `bayes` and `auto` do: tell"):
            ask()


def test_every_objective_has_a_surrogate():
    text = TEXT + "minimize a\nmaximize b\n"
    opt = played(14, text, lambda c: {"a": 0.01 * loss(c), "b": 1000.0 * c["idle"]})
    told = [o.config for o in opt.told]
    mean, sd = opt.surrogate_of("b").predict(told)
    assert mean == pytest.approx([1000.0 * c["idle"] for c in told], abs=60.0)
    assert (sd > 0).all()
    assert next(iter(opt.surrogate_of("b").importance())) == "idle"
    for one in (opt.surrogate, opt.surrogate_of(), opt.surrogate_of("a")):
        assert one.predict(told)[0] == pytest.approx([0.01 * loss(c) for c in told], abs=5e-3)
    with pytest.raises(hpdsl.UnknownNameError, match="no objective `c`; there are a, b"):
        opt.surrogate_of("c")


def test_why_a_configuration_was_asked():
    opt = hpdsl.backend(
        "bayes", hpdsl.loads(TEXT + "try { x = 0.5, rate = 0.1, idle = 0, c = b }\n"), seed=0, n_start=4
    )
    sources = []
    for _ in range(8):
        config = opt.ask()
        found = opt.explain(config)
        sources.append(found["source"])
        opt.tell(config, loss(config))
    assert sources[:4] == ["try", "design", "design", "design"]
    assert sources[4:] == ["model"] * 4
    assert found["z"] == pytest.approx((found["incumbent"] - found["mean"]) / found["sd"])
    assert {"mean", "sd", "noise", "logei"} < set(found)
    assert "log_success" not in found
    assert opt.explain(opt.space.sample(1, seed=99)[0]) == {"source": "none"}
    with pytest.raises(hpdsl.InvalidConfiguration):
        opt.explain({"x": 9})
    opt.tell(opt.ask(), None)
    assert "log_success" in opt.explain(opt.ask())


def test_why_with_bounds_and_with_two_objectives():
    bounded = TEXT + "minimize loss\nsubject to ms <= 3\n"
    opt = played(12, bounded, lambda c: {"loss": loss(c), "ms": 4 + c["x"]})
    found = opt.explain(opt.ask())
    assert found["source"] == "model"
    assert found["log_success"] < 0
    opt = played(12, TEXT + "minimize a\nminimize b\n", lambda c: {"a": loss(c), "b": c["x"]})
    found = opt.explain(opt.ask())
    assert {"mean_1", "sd_1", "mean_2", "sd_2", "ehvi"} < set(found)


def test_ranks_explain_themselves_under_noise():
    rng = np.random.default_rng(1)
    opt = played(30, function=lambda c: loss(c) + 2.0 * rng.normal())
    sources = {opt.explain(o.config)["source"] for o in opt.told[10:]}
    assert sources == {"model", "ranks"}


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    "values",
    [
        pytest.param([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 50.0, 1e4], id="a bad tail"),
        pytest.param([0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0], id="a good plateau"),
        pytest.param([0.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0], id="a bad plateau"),
        pytest.param([0.0, 1.0], id="two"),
        pytest.param([-1.7e308, 0.0, 3.0, 1.7e308], id="the largest"),
    ],
)
def test_predictions_go_on_beyond_the_best_and_the_worst(values, sign):
    z = targets([sign * v for v in values])
    t = np.sort(np.concatenate([np.linspace(z.min() - 3.0, z.max() + 3.0, 200), z]))
    found = restore(t, [sign * v for v in values])
    assert np.isfinite(found).all()
    finite = np.abs(found) < 1e308
    assert (np.diff(found[finite]) >= 0.0).all()
    outside = finite & ((t < z.min()) | (t > z.max()))
    assert (restore(t + 0.1, [sign * v for v in values]) - found)[outside].min(initial=1.0) > 0.0


def test_doubt_stays_beyond_the_worst_value_told():
    opt = hpdsl.backend("bayes", hpdsl.loads("x ~ uniform(0, 1)\n"), seed=0)
    for k in range(8):
        opt.tell({"x": k / 20}, float(k))
    mean, sd = opt.surrogate.predict([{"x": x} for x in (0.35, 0.4, 0.45, 0.6, 1.0)])
    assert (sd > 0.0).all()
    assert np.isfinite(mean).all()
    assert mean[1] > 7.0


@pytest.mark.parametrize("ask", [lambda o, c: o.surrogate.predict(c), lambda o, c: o.acquisition(c)])
def test_what_is_no_configuration_is_refused_in_words(ask):
    opt = played(4, "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nrequire x + y <= 1\n", lambda c: c["x"])
    for told in (None, "abc", 5):
        with pytest.raises(hpdsl.UsageError, match="configurations are a list of mappings of names to values, not "):
            ask(opt, told)
    for told in (["a"], [[1, 2]], [None]):
        with pytest.raises(hpdsl.InvalidConfiguration, match="a configuration is a mapping of names to values, not "):
            ask(opt, told)
    with pytest.raises(
        hpdsl.InvalidConfiguration, match="configuration 1: `y` is missing; configuration 1: `q` is not"
    ):
        ask(opt, [{"x": 0.1, "y": 0.1}, {"x": 0.1, "q": 1}])
    with pytest.raises(hpdsl.InvalidConfiguration, match="violates `require x \\+ y <= 1`"):
        ask(opt, [{"x": 0.9, "y": 0.9}])
    with pytest.raises(hpdsl.UsageError, match="another space"):
        ask(opt, hpdsl.loads("z ~ uniform(0, 1)\n").sample(2, seed=0))
    # Columns may break a requirement, as those of a picture do.
    assert np.isnan(ask(opt, opt.space.decode([[0.9, 0.9], [0.1, 0.1]]))).tolist() in (
        [True, False],
        [[True, False]] * 2,
    )


def test_why_of_what_is_no_configuration_is_refused_in_words():
    opt = played(3)
    for told in (None, "abc", [1]):
        with pytest.raises(hpdsl.InvalidConfiguration, match="a configuration is a mapping of names to values, not "):
            opt.explain(told)
        assert not opt.space.is_valid(told)
