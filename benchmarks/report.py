"""Tables and a picture of stored runs: every peer against a reference, over the (problem, seed) pairs both have.

Normalised regret is (value - best known) / (median of random configurations - best known), at least `FLOOR`. Its
decimal logarithm is averaged over the seeds of a problem, then over problems: regrets shown are geometric means.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from runs import cost, course, reached
from suite import GROUPS, REFERENCE, get, group_of, select

BUDGETS = (25, 50, 100)
FLOOR = 1e-3
RESAMPLES = 2000
# Logarithms of regret that differ by less are tied.
TIE = 1e-9


# ---- regrets ---------------------------------------------------------------------------------------------


@lru_cache
def known_scales():
    """The best and the median value of the problems whose reference values are stored."""
    known = json.loads(REFERENCE.read_text()) if REFERENCE.exists() else {}
    return {name: (entry["best"], entry["median"]) for name, entry in known.items()}


def scale(run):
    """The best and the median value of a run's problem: the stored ones, else those it was run with."""
    plain = run["problem"].partition("~")[0]
    found = known_scales().get(plain) or run.get("scale")
    if found is None:
        problem = get(plain)
        found = known_scales()[plain] = problem.best, problem.median
    if None in found:
        raise ValueError(f"{plain} has no reference values; run reference.py first")
    return found


def logarithms(run, values):
    """The decimal logarithms of normalised regrets; where there was no value yet, those of the median."""
    best, median = scale(run)
    regret = (np.asarray(values, float) - best) / (median - best)
    return np.log10(np.maximum(np.where(np.isfinite(regret), regret, 1.0), FLOOR))


def standing(run):
    """The logarithm of regret at each of `BUDGETS`."""
    return logarithms(run, [reached(run, n) for n in BUDGETS])


# ---- comparisons -----------------------------------------------------------------------------------------


@dataclass
class Comparison:
    """A peer against the reference; ratios and differences above 0 or 1 say that the peer is worse."""

    peer: str
    pairs: int
    regrets: list[float]
    ratio: float
    ratio_interval: tuple[float, float] | None
    rank: float
    rank_interval: tuple[float, float] | None
    outcomes: tuple[int, int, int]
    p: float
    seconds: tuple[float, float]
    total: float
    total_reference: float
    failures: int


def by_problem(runs, peer, problems):
    """The runs of a peer: problem to seed to run."""
    found = {}
    for (who, problem, seed), run in runs.items():
        if who == peer and problem in problems:
            found.setdefault(problem, {})[seed] = run
    return found


def compare(runs, peer, reference, problems):
    """The comparison of a peer with the reference; None where they share nothing."""
    mine, theirs = by_problem(runs, peer, problems), by_problem(runs, reference, problems)
    shared = {p: sorted(set(mine[p]) & set(theirs[p])) for p in mine if p in theirs}
    shared = {p: seeds for p, seeds in sorted(shared.items()) if seeds}
    if not shared:
        return None
    logs = {p: np.array([standing(mine[p][s]) for s in seeds]) for p, seeds in shared.items()}
    gaps = [logs[p][:, -1] - [standing(theirs[p][s])[-1] for s in seeds] for p, seeds in shared.items()]
    signs = [np.where(np.abs(g) < TIE, 0, np.sign(g)) for g in gaps]
    done = [mine[p][s] for p, seeds in shared.items() for s in seeds]
    single = np.concatenate([cost(run)[1] for run in done])
    log_ratio, low_high = interval(gaps)
    rank, rank_interval = interval(signs)
    every = np.concatenate(signs)
    return Comparison(
        peer,
        len(done),
        [10 ** float(np.mean([logs[p][:, k].mean() for p in logs])) for k in range(len(BUDGETS))],
        10**log_ratio,
        low_high and tuple(10**end for end in low_high),
        rank,
        rank_interval,
        (int((every > 0).sum()), int((every == 0).sum()), int((every < 0).sum())),
        signed_ranks([g.mean() for g in gaps]),
        tuple(np.quantile(single, (0.5, 0.95))) if single.size else (np.nan, np.nan),
        sum(cost(run)[0] for run in done),
        sum(cost(theirs[p][s])[0] for p, seeds in shared.items() for s in seeds),
        sum("error" in run for run in done),
    )


def interval(strata):
    """The mean of the strata's means, and where 95 % of it lie when seeds are drawn anew within each stratum.

    The interval is None where no stratum has two seeds.
    """
    middle = float(np.mean([np.mean(s) for s in strata]))
    if max(len(s) for s in strata) < 2:
        return middle, None
    rng = np.random.default_rng(0)
    drawn = [np.asarray(s)[rng.integers(len(s), size=(RESAMPLES, len(s)))].mean(axis=1) for s in strata]
    low, high = np.quantile(np.mean(drawn, axis=0), (0.025, 0.975))
    return middle, (float(low), float(high))


def signed_ranks(differences):
    """The p value of Wilcoxon's signed-rank test of differences, one for each problem."""
    from scipy.stats import wilcoxon

    kept = [d for d in differences if abs(d) >= TIE]
    if len(kept) < 2:
        return 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(wilcoxon(kept).pvalue)


def holm(ps):
    """The p values corrected for how many there are (Holm 1979)."""
    corrected, least = [0.0] * len(ps), 0.0
    for k, at in enumerate(np.argsort(ps, kind="stable")):
        least = max(least, min(1.0, (len(ps) - k) * ps[at]))
        corrected[at] = least
    return corrected


def mean_ranks(runs, names, problems):
    """The mean rank of each peer after the last trial, over the pairs that all of them have, and how many these are."""
    pairs = common(runs, names, problems)
    if not pairs:
        return {}, 0
    last = np.array([[standing(runs[name, *pair])[-1] for name in names] for pair in pairs])
    below = (last[:, None, :] < last[:, :, None] - TIE).sum(axis=2)
    tied = (np.abs(last[:, None, :] - last[:, :, None]) <= TIE).sum(axis=2)
    ranks = below + (tied + 1) / 2
    problem_of = np.array([problem for problem, _ in pairs])
    means = [ranks[problem_of == p].mean(axis=0) for p in sorted(set(problem_of))]
    return dict(zip(names, np.mean(means, axis=0), strict=True)), len(pairs)


def common(runs, names, problems):
    """The (problem, seed) pairs that every one of some peers has run."""
    sets = [{(p, s) for (who, p, s) in runs if who == name and p in problems} for name in names]
    return sorted(set.intersection(*sets)) if sets else []


# ---- tables ----------------------------------------------------------------------------------------------


def table(header, rows):
    """A Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def section(runs, names, reference, problems):
    """The table of some problems."""
    found = [c for name in names if (c := compare(runs, name, reference, problems)) is not None]
    if not found:
        return "No runs to compare."
    others = [c for c in found if c.peer != reference]
    corrected = dict(zip([c.peer for c in others], holm([c.p for c in others]), strict=True))
    ranks, pairs = mean_ranks(runs, [c.peer for c in found], problems)
    last = BUDGETS[-1]
    header = [
        "peer",
        "runs",
        *(f"regret @{n}" for n in BUDGETS),
        f"times the reference's @{last} [95 %]",
        "rank difference [95 %]",
        f"mean rank ({pairs} runs)",
        "reference won / tied / lost",
        "p",
        "ms a trial: median",
        "95th percentile",
        "s in all: peer; reference",
        "failed",
    ]
    rows = []
    for c in sorted(found, key=lambda c: (c.peer != reference, c.ratio)):
        against = ["", "", "", ""]
        if c.peer != reference:
            against = [
                f"{c.ratio:.2f}{_ends(c.ratio_interval)}",
                f"{c.rank:+.2f}{_ends(c.rank_interval, '+')}",
                " / ".join(map(str, c.outcomes)),
                f"{corrected[c.peer]:.2g}",
            ]
        rows.append(
            [
                c.peer,
                c.pairs,
                *(f"{r:.4f}" for r in c.regrets),
                *against[:2],
                f"{ranks[c.peer]:.2f}" if ranks else "",
                *against[2:],
                *(f"{1e3 * s:.3g}" for s in c.seconds),
                f"{c.total:.3g}; {c.total_reference:.3g}",
                c.failures,
            ]
        )
    return table(header, rows)


def _ends(low_high, sign=""):
    return "" if low_high is None else f" [{low_high[0]:{sign}.2f}, {low_high[1]:{sign}.2f}]"


def problem_table(runs, names, problems):
    """The geometric mean of the last regret of each problem, with the number of seeds."""
    rows = []
    for problem in problems:
        row = [problem]
        for name in names:
            logs = [standing(run)[-1] for (who, p, _), run in runs.items() if (who, p) == (name, problem)]
            row.append(f"{10 ** np.mean(logs):.4f} ({len(logs)})" if logs else "")
        rows.append(row)
    return table(["problem", *names], rows)


def tables(runs, names, reference, problems):
    """The whole report, as Markdown."""
    versions = sorted({f"{run['peer']} {run['version']}" for run in runs.values() if run.get("version")})
    parts = [
        "# Regret over the suite",
        f"The reference is {reference}. Every other peer is compared with it over the problems and seeds that both "
        "have run; regrets are normalised (0 the best known value, 1 the median of random configurations), at least "
        f"{FLOOR:g}, and averaged as logarithms. p is of Wilcoxon's signed-rank test over problems, after Holm. "
        "Intervals are of a bootstrap over the seeds of each problem. The rank difference is between two: +1 where "
        "the peer is always behind the reference. Costs are CPU time of asking and telling, one thread.",
        "Versions: " + "; ".join(versions) + ".",
        f"## All ({len(problems)} problems)",
        section(runs, names, reference, problems),
    ]
    for group, members in groups(problems).items():
        parts += [f"## {group} ({len(members)} problems)", section(runs, names, reference, members)]
    parts += [f"## Regret @{BUDGETS[-1]} of each problem (seeds)", problem_table(runs, names, problems)]
    return "\n\n".join(parts) + "\n"


def groups(problems):
    """The groups of some problems, in the order of the suite."""
    found = {group: [p for p in problems if group_of(p) == group] for group in [*GROUPS, "other"]}
    return {group: members for group, members in found.items() if members}


# ---- picture ---------------------------------------------------------------------------------------------


def comparable(runs, names, problems):
    """Peers and the pairs they all have: those with the fewest are left out until there are some."""
    counts = {name: sum(who == name and p in problems for who, p, _ in runs) for name in names}
    names = [name for name in names if counts[name]]
    while names and not common(runs, names, problems):
        names.remove(min(names, key=counts.__getitem__))
    return names, common(runs, names, problems)


def picture(runs, names, reference, problems, path):
    """Draw regret over evaluations, a panel for each group."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    panels = groups(problems)
    columns = min(4, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(4 * columns, 3.2 * rows + 0.6), squeeze=False)
    colours = dict(zip(names, plt.get_cmap("tab20").colors, strict=False))
    n, lines = BUDGETS[-1], {}
    for axis, (group, members) in zip(axes.flat, panels.items(), strict=False):
        shown, pairs = comparable(runs, names, members)
        for name in shown:
            logs = {}
            # Under noise it is what is recommended that counts, and that is known after some trials only.
            at = np.array(BUDGETS) if group == "noisy" else np.arange(1, n + 1)
            for pair in pairs:
                run = runs[name, *pair]
                logs.setdefault(pair[0], []).append(
                    standing(run) if group == "noisy" else logarithms(run, course(run, n))
                )
            middle = np.mean([np.mean(of_problem, axis=0) for of_problem in logs.values()], axis=0)
            style = {"color": "black", "linewidth": 2.5} if name == reference else {"color": colours[name]}
            lines[name] = axis.plot(at, 10**middle, label=name, **style)[0]
        axis.set(title=f"{group} ({len(pairs)} runs each)", yscale="log", xlim=(1, n))
        axis.grid(alpha=0.3, which="both")
    for axis in axes.flat[len(panels) :]:
        axis.set_visible(False)
    for axis in axes[:, 0]:
        axis.set_ylabel("normalised regret")
    for axis in axes[-1]:
        axis.set_xlabel("evaluations")
    figure.legend(lines.values(), lines.keys(), loc="lower center", ncols=7, frameon=False)
    figure.tight_layout(rect=(0, 0.09 if rows == 1 else 0.06, 1, 1))
    figure.savefig(path, dpi=110)
    plt.close(figure)


def report(runs, arguments):
    """Print or write what `arguments` ask for."""
    chosen = set(select(arguments.problems)) if arguments.problems != "all" else {p for _, p, _ in runs}
    order = [p for p in select("all") if p in chosen] + sorted(chosen - set(select("all")))
    names = arguments.peers.split(",") if arguments.peers else sorted({who for who, _, _ in runs})
    if arguments.reference not in names:
        names.append(arguments.reference)
    problems = [p for p in order if any(p == problem and who in names for who, problem, _ in runs)]
    if not any(who == arguments.reference for who, _, _ in runs):
        raise SystemExit(f"there are no runs of {arguments.reference}; choose another --reference")
    text = tables({k: r for k, r in runs.items() if k[0] in names}, names, arguments.reference, problems)
    if arguments.markdown:
        Path(arguments.markdown).write_text(text, encoding="utf-8")
    else:
        print(text)
    if arguments.picture:
        picture(runs, names, arguments.reference, problems, arguments.picture)
