"""`Bayes`: the loop of Bayesian optimisation, from data to the next configuration."""

from __future__ import annotations

import copy
import math
import numbers
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.base import Backend, Observation, number_of
from hpdsl.backends.bayes.data import Data
from hpdsl.backends.bayes.design import Design, recommended_size
from hpdsl.backends.bayes.repeats import Repeats
from hpdsl.backends.bayes.threads import one_thread
from hpdsl.backends.outcomes import columns_of
from hpdsl.backends.tpe.parzen import Parzen
from hpdsl.configs import Config, Configs
from hpdsl.errors import UsageError
from hpdsl.space import Space

if TYPE_CHECKING:
    from hpdsl.backends.bayes.belief import Belief
    from hpdsl.backends.bayes.feasibility import Feasibility
    from hpdsl.backends.bayes.hypervolume import HypervolumeModel
    from hpdsl.backends.bayes.inside import Surrogate
    from hpdsl.backends.bayes.model import Model
    from hpdsl.backends.bayes.surrogate import Fit

Floats = NDArray[np.float64]

# Purposes of random streams.
_SHADOW, _SEARCH, _FANTASY, _DENSITY, _WEIGHTS, _BOUNDS = 1, 2, 3, 4, 5, 6

# From this share of noise in the variance of values on, every other proposal is made from ranks alone.
HEAVY = 0.05
# Observations from which fits begin anew, and again at every doubling.
RESTART = 250
# Values before noise can be told from signal: with fewer, it is the prior of the noise that speaks.
ENOUGH = 30

# No turn is spent on a branch whose most promising place is likelier than not to fail or to break a bound.
DOUBTFUL = math.log(0.5)

# The largest settings. Of `worth`, a share, it is the whole; of the others far more than what still changes anything.
_MOST = {"kappa": 1e6, "activity": 1e6, "worth": 1.0, "belief": 1e6}

_ACQUISITIONS = ("logei", "ei", "pi", "lcb", "thompson")


class Bayes(Backend):
    """A Gaussian process on mixed, conditional spaces, and an acquisition function maximised on its posterior.

    Options: `acquisition` (logei, ei, pi, lcb, thompson); `kappa`, the weight of doubt in lcb; `n_start`, trials
    before the first model (None: by the number of parameters); `activity`, a squared distance between a parameter
    that is active and one that is not, besides that of its value from mid-range; `worth`, the improvement that is
    worth a trial, as a share of what lies between the median of the first values and the best (every third trial
    polishes the best regardless, where values are quiet; on conditional spaces two trials in one branch that gained
    less give a turn to another); `belief`, how much priors say about where the optimum is: at the t-th proposal of the
    model they count to the power of belief / t; `repeats`, whether a trial or two may be spent on telling noise from
    roughness.

    With two objectives logei and ei are improvements of the hypervolume; otherwise several are scalarised, with
    weights drawn afresh for each proposal. Bounds (`subject to`) have models of their own, and the probability
    that they are kept joins the acquisition; until some trial keeps them all, it is all that counts.
    """

    name: ClassVar[str] = "bayes"
    OPTIONS: ClassVar[dict[str, Any]] = {
        "acquisition": "logei",
        "kappa": 2.0,
        "n_start": None,
        "activity": 0.0,
        "worth": 1e-3,
        "belief": 5.0,
        "repeats": True,
    }
    COUNTS: ClassVar[tuple[str, ...]] = ("n_start",)

    def __init__(self, space: Space, *, seed: int = 0, **options: Any) -> None:
        super().__init__(space, seed=seed, **options)
        _check(self.options, self.COUNTS)
        self._fits: dict[tuple[str, int, int], Fit] = {}
        self._why: dict[Hashable, dict[str, Any]] = {}
        self._parzen = Parzen(space, self.seed)
        self._best_at: tuple[int, tuple[int, float] | None] = (0, None)
        self._data = Data(space, float(self.options["activity"]), self._shadow)
        self._repeats = Repeats(self._data)

    # ---- the next configuration ------------------------------------------------------------------

    def _propose(self, index: int) -> Config:
        config, source = self._chosen(index)
        self._why.setdefault(self.key(config), {"source": source})
        return config

    def _chosen(self, index: int) -> tuple[Config, str]:
        """The next configuration, and where it comes from."""
        if index < self.design.size or self._data.n_good < 2:
            config, source = self._by_design(index), "design"
        elif (beside := self._beside()) is not None:
            config, source = beside, "repeat"
        elif self._doubtful(index):
            config, source = self._by_density(index), "ranks"
        else:
            config, source = self._by_model(index), "model"
        return (config, source) if config is not None else (self.fresh(index), "prior")

    def _by_design(self, index: int) -> Config | None:
        before = [o.config for o in self.told] + self.pending if self.design.roots else []
        taken = self.space.encode(before) if before else np.empty((0, len(self.space.code_names)))
        return self.design.propose(index, taken, self.is_new)

    def _by_density(self, index: int) -> Config | None:
        """What the other model proposes, which looks at ranks alone."""
        return self._parzen.propose(index, self.generator(_DENSITY, index), self.pending, self.is_new)

    def _beside(self) -> Config | None:
        """The best configuration but for a hair, where its value tells whether noise is noise; None otherwise."""
        if not self._single or self.pending or self._exact is not None:
            return None
        if self._data.n_good < ENOUGH or not self._repeats.due(self._data.n_good):
            return None
        from hpdsl.backends.bayes.fitting import QUIET

        if math.exp(self._theta()[-1]) < QUIET:
            return None
        feasible = self._data.feasible
        if not feasible.any():
            return None
        beside = self._repeats.beside(self._data.config(int(np.where(feasible, self._data.values, np.inf).argmin())))
        return beside if beside is not None and self.is_new(beside) else None

    @property
    def _exact(self) -> bool | None:
        """Whether values are known to be without noise, whatever the model makes of their roughness."""
        if not self.options["repeats"] or not self._single:
            return False
        if self._repeats.exact is not False and self._data.n_good >= ENOUGH:
            self._repeats.update()
        return True if self._repeats.exact is None and self._repeats.stepped else self._repeats.exact

    def _doubtful(self, index: int) -> bool:
        """Whether this proposal is better left to the ranks: every other one where noise is heavy."""
        return self._single and index % 2 == 1 and not self._exact and math.exp(self._theta()[-1]) > HEAVY

    def _by_model(self, index: int) -> Config | None:
        # SciPy and the model load only now: the first trials of a study don't wait for them.
        from hpdsl.backends.bayes.search import Search
        from hpdsl.backends.bayes.turns import had_its_turn

        share = float(self.options["worth"])
        with one_thread():
            ranked = self._ranked(index)
            model = self._model(ranked, index)
            # Where there is nothing new elsewhere, or it fails, the branch that has had its turn goes on.
            turn = had_its_turn(self.space, self._data, self.told, self.pending, share) if self._single else None
            for avoided in (None,) if turn is None else (turn, None):
                search = Search(self.space, model, self.generator(_SEARCH, index), ranked.by_value(), avoided)
                pool = search.run(self.seed, index)
                new = next((k for k in pool.order() if self._is_new_to(model, pool.configs, k)), None)
                if new is None:
                    continue
                terms = model.terms(pool.configs[new : new + 1])
                if avoided is None or terms.get("log_success", 0.0) > DOUBTFUL:
                    config = pool.configs[int(new)]
                    self._why[self.key(config)] = {"source": "model" if avoided is None else "turn", **terms}
                    return config
        return None

    def _is_new_to(self, model: Model | HypervolumeModel, configs: Configs, k: int) -> bool:
        """Whether a candidate was neither asked nor told before, nor is it the same but for rounding."""
        return self.is_new(configs[int(k)]) and not model.repeats(configs[k : k + 1])

    # ---- looking inside --------------------------------------------------------------------------

    def surrogate_of(self, objective: str | None = None) -> Surrogate:
        """The model of an objective, the first unless named, given every told trial.

        Raises `UsageError` before two trials have a value.
        """
        from hpdsl.backends.bayes.inside import Surrogate

        k = self.goals.number(objective)
        if self._data.n_good < 2:
            raise UsageError(f"a model needs two trials with a value; {self._data.n_good} told so far")
        with one_thread():
            data = self._data if k == 0 else self._data.with_values(np.array(self._data.objectives)[:, k])
            return Surrogate(data, self._theta(data, k), self.goals.signs[k])

    def acquisition(self, configs: Sequence[Mapping[str, Any]] | Configs) -> Floats:
        """How promising the model holds configurations for the next trial, shape (n,); larger is better.

        Raises `UsageError` before two trials have a value, and `InvalidConfiguration` for what does not belong to the
        space; of `Configs` those that break a requirement have NaN.
        """
        if self._data.n_good < 2:
            raise UsageError(f"a model needs two trials with a value; {self._data.n_good} told so far")
        known = columns_of(self.space, configs)
        if not len(known):
            return np.empty(0)
        # What is limited must have been loaded.
        from hpdsl.backends.bayes import model as model

        with one_thread():
            score = self._model(self._ranked(self.index), self.index).score(known)
        return np.where(self.space.satisfies(known), score, np.nan)

    def explain(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Why a configuration was asked: its source, and for the model's the terms of the acquisition.

        `source` is "try", "design" (the start), "ranks" (good against other configurations), "model", "turn" (the
        model's, outside of the branch where trials no longer paid), "repeat" (the best but for a hair, to see whether
        noise is noise), or "prior" where nothing else was new; "none" where it was never asked. Terms are those of the
        moment it was asked, in units of the transformed values (mean 0, standard deviation 1): posterior `mean` and
        `sd`, the `incumbent` to improve on, `z` = (incumbent - mean) / sd, `noise` variance, the acquisition by its
        name, `log_success` where trials have failed, and `log_prior` where priors are informative.
        """
        self.space.validate(config)
        key = self.key(self._delivered(config))
        tried = any(self.key(t) == key for t in self.space.tries)
        return dict(self._why.get(key, {"source": "try" if tried else "none"}))

    @property
    def best(self) -> tuple[Config, float] | None:
        """The best configuration and its value; under noise the told one with the best mean of the model.

        A lucky value says little about its configuration where noise is found; then the value is the model's mean.
        """
        at = self._steady()
        if at is None:
            return super().best
        number, value = at
        return copy.deepcopy(self._data.config(number)), self.goals.signs[0] * value

    @property
    def smoothed(self) -> bool:
        """True where noise is found, so that `best` gives the mean of the model."""
        return self._steady() is not None

    def _steady(self) -> tuple[int, float] | None:
        """Under noise the number of the trial with the best mean, and that mean; None where there is none."""
        if self._data.n_good < ENOUGH or not self._single or self._exact:
            return None
        if self._best_at[0] != self._data.n_good:
            from hpdsl.backends.bayes.fitting import evident, steady

            with one_thread():
                found = steady(self._data, self._theta())
                # Without pairs that differ it is a guess.
                if found is not None and self._repeats.exact is None and not evident(self._data):
                    found = None
            self._best_at = (self._data.n_good, found)
        return self._best_at[1]

    # ---- what it rests on ------------------------------------------------------------------------

    def _weighed(self, index: int) -> tuple[Belief, float] | None:
        """The priors with their weight at this proposal; None where they say nothing."""
        strength = float(self.options["belief"])
        if strength == 0.0 or not self._belief:
            return None
        return self._belief, strength / (1.0 + max(index - self.design.size, 0))

    @cached_property
    def _belief(self) -> Belief:
        from hpdsl.backends.bayes.belief import Belief

        return Belief(self.space)

    @cached_property
    def design(self) -> Design:
        """The start design."""
        given = self.options["n_start"]
        return Design(self.space, self.seed, recommended_size(self.space) if given is None else int(given))

    def _ranked(self, index: int) -> Data:
        """The data with one value for each trial: of several objectives a scalarisation of this proposal's own."""
        if self._single:
            return self._data
        from hpdsl.backends.bayes.scalarisation import chebyshev

        values = np.array(self._data.objectives)
        return self._data.with_values(chebyshev(values, self._data.feasible, self.generator(_WEIGHTS, index)))

    def _model(self, ranked: Data, index: int) -> Model | HypervolumeModel:
        """What scores candidates.

        For two objectives and an acquisition that measures improvement this is the hypervolume's; else the values
        that `ranked` holds are modelled.
        """
        from hpdsl.backends.bayes.fitting import refit
        from hpdsl.backends.bayes.hypervolume import HypervolumeModel
        from hpdsl.backends.bayes.model import Model

        feasibility, belief = self._feasibility(index), self._weighed(index)
        rng = self.generator(_FANTASY, index)

        def model(data: Data, theta: Floats) -> Model:
            return Model(data, theta, rng, self.pending, self.options, feasibility, belief, self._exact is True)

        if self._single:
            return model(ranked, self._theta())
        if len(self.goals.objectives) == 2 and self.options["acquisition"] in ("logei", "ei"):
            columns = [self._data.with_values(column) for column in np.array(self._data.objectives).T]
            first, second = (model(data, self._theta(data, k)) for k, data in enumerate(columns))
            return HypervolumeModel(first, second, logarithmic=self.options["acquisition"] == "logei")
        # A scalarisation has nothing to go on from: the last one had other weights.
        return model(ranked, refit(ranked, ranked.n_good, None).theta)

    def _feasibility(self, index: int) -> Feasibility | None:
        """The models of what is bounded; None where nothing is."""
        if not self.goals.bounds:
            return None
        from hpdsl.backends.bayes.feasibility import Feasibility

        thetas = [self._bound_theta(k) for k in range(len(self.goals.bounds))]
        return Feasibility(self._data, thetas, self.pending, self.generator(_BOUNDS, index))

    @property
    def _single(self) -> bool:
        """True where there is one objective."""
        return len(self.goals.objectives) == 1

    def _theta(self, data: Data | None = None, objective: int = 0) -> Floats:
        """MAP hyperparameters: a chain of fits at fixed numbers of observations, each started from the last.

        The chain depends on the order of tells only, never on when somebody asked, so that a resumed study
        computes the same one; it begins anew from time to time, so that this does not take long.
        """
        from hpdsl.backends.bayes.fitting import refit

        data = self._data if data is None else data
        # Whoever asks: on more threads a fit has other last bits.
        with one_thread():
            return self._chain(("objective", objective), checkpoints(data.n_good), partial(refit, data))

    def _bound_theta(self, bound: int) -> Floats:
        """MAP hyperparameters of a bound's process, fitted at every third of these numbers."""
        from hpdsl.backends.bayes.feasibility import refit

        return self._chain(("bound", bound), checkpoints(self._data.n_good)[::3], partial(refit, self._data, bound))

    def _chain(self, key: tuple[str, int], at: list[int], refit: Callable[[int, Fit | None], Fit]) -> Floats:
        last = None
        for n in at[chain_start(at) :]:
            if (*key, n) not in self._fits:
                self._fits[*key, n] = refit(n, last)
            last = self._fits[*key, n]
        assert last is not None
        return last.theta

    def _shadow(self, number: int, d: int) -> Floats:
        return self.uniforms(_SHADOW, number, (d,))

    def _observe(self, observation: Observation) -> None:
        self._data.append(observation)
        self._parzen.append(observation)


def checkpoints(n: int) -> list[int]:
    """The numbers of observations, up to n, at which hyperparameters are fitted: each to 60, then every +5 %."""
    found, at = [], 2
    while at <= n:
        found.append(at)
        at += max(1, at // 20 if at >= 60 else 1)
    return found


def chain_start(at: list[int]) -> int:
    """The place of the last checkpoint that passes `RESTART` observations or a doubling of these, else 0."""
    spans = [(n // RESTART).bit_length() for n in at]
    return spans.index(spans[-1]) if spans and spans[-1] else 0


def _check(options: dict[str, Any], counts: tuple[str, ...]) -> None:
    if options["acquisition"] not in _ACQUISITIONS:
        raise UsageError(f"acquisition must be one of {', '.join(_ACQUISITIONS)}, not {options['acquisition']!r}")
    for name, most in _MOST.items():
        number = number_of(options[name])
        if number is None or not 0.0 <= number <= most:
            raise UsageError(f"{name} must be a number, 0 or more and at most {most:g}, not {options[name]!r}")
    if not isinstance(options["repeats"], (bool, np.bool_)):
        raise UsageError(f"repeats must be true or false, not {options['repeats']!r}")
    for name in counts:
        n = options[name]
        if n is None and name == "n_start":
            continue
        if isinstance(n, bool) or not isinstance(n, numbers.Integral) or int(n) < 1:
            default = ", or None for the default" if name == "n_start" else ""
            raise UsageError(f"{name} must be a positive integer{default}, not {n!r}")
