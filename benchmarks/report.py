"""Tables and a picture of stored runs: regret, ranks, comparisons with a reference peer, cost."""

from __future__ import annotations

import json

import numpy as np
from measure import table
from scipy.stats import rankdata, wilcoxon
from suite import REFERENCE, get, group_of, select

BUDGETS = (25, 50, 100)
# Regret below this is as good as none: on a log scale it would count for more than it is worth.
FLOOR = 1e-3
RESAMPLES = 10_000
GROUPS = ("flat", "mixed", "conditional", "high", "noisy", "bbob", "yahpo", "learners")


class Runs:
    """Stored runs as normalised regrets: (value - best) / (median of random configurations - best), floored."""

    def __init__(self, found, problems=None, peers=None):
        known = json.loads(REFERENCE.read_text())
        self.failed = [key for key, run in found.items() if "error" in run]
        self.runs, self.scale = {}, {}
        for (peer, problem, seed), run in found.items():
            plain = problem.partition("~")[0]
            if "error" in run or (problems and problem not in problems) or (peers and peer not in peers):
                continue
            if plain not in self.scale:
                self.scale[plain] = _scale(plain, known)
            if self.scale[plain] is not None:
                self.runs[peer, problem, seed] = run
        self.peers = sorted({key[0] for key in self.runs})
        self.problems = sorted({key[1] for key in self.runs}, key=lambda p: (GROUPS.index(group_of(p)), p))

    def regret(self, peer, problem, seed, n=100):
        """The regret after n trials: of what is recommended, where values are noisy."""
        run = self.runs[peer, problem, seed]
        best, median = self.scale[problem.partition("~")[0]]
        value = run["recommended"].get(str(n))
        if value is None:
            value = [v for k, v in run["values"] if k <= n][-1]
        return max((value - best) / (median - best), FLOOR)

    def seeds(self, problem, *peers):
        """The seeds that peers share on a problem."""
        return sorted(set.intersection(*[{s for q, p, s in self.runs if (q, p) == (peer, problem)} for peer in peers]))

    def shared(self, *peers):
        """The problems on which peers share seeds, with these."""
        found = {p: self.seeds(p, *peers) for p in self.problems}
        return {p: seeds for p, seeds in found.items() if seeds}


def _scale(problem, known):
    """The best and the median random value of a problem, None where they are not known."""
    if problem in known:
        return known[problem]["best"], known[problem]["median"]
    try:
        made = get(problem)
    except Exception:
        return None
    return None if made.best is None or made.median is None else (made.best, made.median)


def logs(runs, peer, problems, n=100):
    """log10 of the regret, mean over seeds, one for each problem."""
    return np.array([np.mean([np.log10(runs.regret(peer, p, s, n)) for s in seeds]) for p, seeds in problems.items()])


def ranks(runs, peers, problems, n=100):
    """Mean ranks, one for each peer, over problems and the seeds that all share; ties count as their mean."""
    rows = [
        rankdata([runs.regret(q, p, s, n) for q in peers]) for p, seeds in problems.items() for s in seeds
    ]  # fmt: skip
    weights = np.concatenate([np.full(len(seeds), 1.0 / len(seeds)) for seeds in problems.values()])
    return np.average(np.array(rows), axis=0, weights=weights)


def interval(differences, seed=0):
    """A 95 % bootstrap interval of the mean of differences (one list of seeds for each problem).

    Problems are drawn again, and seeds within them.
    """
    rng = np.random.default_rng(seed)
    k = len(differences)
    means = np.empty(RESAMPLES)
    # Resampled seeds of each problem first, then problems: the same as both at once, and fast.
    inner = np.array([d[rng.integers(len(d), size=(RESAMPLES, len(d)))].mean(axis=1) for d in differences])
    for b in range(RESAMPLES):
        means[b] = inner[rng.integers(k, size=k), b].mean()
    return np.quantile(means, [0.025, 0.975])


def holm(p_values):
    """Adjusted p-values (Holm 1979)."""
    order = np.argsort(p_values)
    adjusted, top = np.empty(len(p_values)), 0.0
    for i, k in enumerate(order):
        top = max(top, min(1.0, p_values[k] * (len(p_values) - i)))
        adjusted[k] = top
    return adjusted


def compare(runs, reference, peer, problems):
    """Ratio of geometric means (below 1: the reference is better), its interval, Wilcoxon's p, wins, ties, losses."""
    differences = [
        np.array([np.log10(runs.regret(reference, p, s)) - np.log10(runs.regret(peer, p, s)) for s in seeds])
        for p, seeds in problems.items()
    ]
    means = np.array([d.mean() for d in differences])
    low, high = interval(differences)
    p = wilcoxon(means).pvalue if np.abs(means).max() > 0 else 1.0
    tie = np.abs(means) < 0.05  # 12 %
    return {
        "ratio": 10 ** means.mean(),
        "interval": (10**low, 10**high),
        "p": p,
        "score": (int(((means < 0) & ~tie).sum()), int(tie.sum()), int(((means > 0) & ~tie).sum())),
    }


def report(found, arguments):
    """Print the tables, and draw the picture where one is asked for."""
    wanted = None if arguments.problems == "all" else set(select(arguments.problems))
    peers = None if arguments.peers is None else {*arguments.peers.split(","), arguments.reference}
    runs = Runs(found, wanted, peers)
    reference = arguments.reference
    others = [q for q in runs.peers if q != reference]
    print(f"{len(runs.runs)} runs of {len(runs.peers)} peers on {len(runs.problems)} problems.")
    print(f"Regret is floored at {FLOOR}.\n")
    if runs.failed:
        print("failed: " + ", ".join("/".join(map(str, key)) for key in runs.failed) + "\n")
    print(f"## {reference} against each peer, after 100 trials\n")
    print("Over the problems and seeds that both have run. Ratio of geometric mean regrets: below 1 ours is better.\n")
    pairs = {q: runs.shared(reference, q) for q in others}
    results = {q: compare(runs, reference, q, pairs[q]) for q in others if pairs[q]}
    adjusted = holm([r["p"] for r in results.values()]) if results else []
    rows = []
    for (q, r), p in zip(results.items(), adjusted, strict=True):
        n = [len(s) for s in pairs[q].values()]
        rank = {b: np.diff(ranks(runs, [reference, q], pairs[q], b))[0] for b in BUDGETS}
        rows.append([
            q, f"{len(n)} x {min(n)}-{max(n)}", f"{r['ratio']:.3f}", "{:.3f}-{:.3f}".format(*r["interval"]),
            "{}/{}/{}".format(*r["score"]), f"{p:.1g}", *(f"{rank[b]:+.2f}" for b in BUDGETS),
        ])  # fmt: skip
    rows.sort(key=lambda row: float(row[2]))
    table(["peer", "problems x seeds", "ratio", "95 %", "win/tie/loss", "p (Holm)",
           *(f"rank, @{b}" for b in BUDGETS)], rows)  # fmt: skip
    print("\nRank: the peer's mean rank minus ours, of two; above 0 ours is better.\n")
    print("## Ratio by group\n")
    groups = [g for g in GROUPS if any(group_of(p) == g for p in runs.problems)]
    rows = []
    for q in others:
        row = [q]
        for g in groups:
            inside = {p: s for p, s in pairs[q].items() if group_of(p) == g}
            row.append(f"{compare(runs, reference, q, inside)['ratio']:.3f} ({len(inside)})" if inside else "")
        rows.append(row)
    table(["peer", *groups], rows)
    print("\n## Geometric mean regret after 25, 50, 100 trials, over all that a peer has run\n")
    rows = []
    for q in runs.peers:
        for b in BUDGETS:
            cells = []
            for g in groups:
                inside = {p: s for p, s in runs.shared(q).items() if group_of(p) == g}
                cells.append(f"{10 ** logs(runs, q, inside, b).mean():.4f}" if inside else "")
            rows.append([q, b, *cells])
    table(["peer", "trials", *groups], rows)
    print("\n## Cost: ask and tell, milliseconds; and seconds in whole runs\n")
    rows = []
    for q in runs.peers:
        chosen = [r for (peer, _, _), r in runs.runs.items() if peer == q]
        cost = 1e3 * np.concatenate([r["seconds"] for r in chosen])
        late = 1e3 * np.concatenate([r["seconds"][len(r["seconds"]) // 2 :] for r in chosen])
        times = np.median(cost), np.median(late), np.quantile(late, 0.95)
        whole = np.mean([r["total"] for r in chosen])
        rows.append([q, chosen[-1]["version"], *(f"{t:.1f}" for t in times), f"{whole:.1f}"])
    table(["peer", "version", "median", "median, second half", "95 %", "mean of a run, s"], rows)
    print("\n## Regret after 100 trials by problem (geometric mean over seeds)\n")
    rows = []
    for p in runs.problems:
        cells = []
        for q in runs.peers:
            seeds = runs.seeds(p, q)
            value = 10 ** np.mean([np.log10(runs.regret(q, p, s)) for s in seeds]) if seeds else None
            cells.append("" if value is None else f"{value:.4f} ({len(seeds)})")
        rows.append([p, *cells])
    table(["problem", *runs.peers], rows)
    if arguments.picture:
        picture(runs, groups, arguments.picture)


def picture(runs, groups, path):
    """Geometric mean regret over trials, one panel for each group."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    columns = min(4, len(groups))
    height = -(-len(groups) // columns)
    figure, axes = plt.subplots(height, columns, figsize=(3.4 * columns, 2.8 * height), squeeze=False, sharex=True)
    trials = np.arange(1, 101)
    for axis, group in zip(axes.flat, groups, strict=False):
        for q in runs.peers:
            inside = {p: s for p, s in runs.shared(q).items() if group_of(p) == group and "~" not in p}
            inside = inside or {p: s for p, s in runs.shared(q).items() if group_of(p) == group}
            if not inside:
                continue
            steps = BUDGETS if group == "noisy" else trials
            curve = [10 ** logs(runs, q, inside, int(n)).mean() for n in steps]
            ours = q.startswith("hpdsl")
            axis.plot(steps, curve, label=q, lw=2.2 if ours else 1.1, zorder=3 if ours else 2)
        axis.set_title(group, fontsize=10)
        axis.set_yscale("log")
    for axis in axes.flat[len(groups) :]:
        axis.axis("off")
    lines = [pair for axis in axes.flat for pair in zip(*axis.get_legend_handles_labels(), strict=True)]
    handles = {label: line for line, label in lines}
    figure.legend(handles.values(), handles.keys(), loc="lower center", ncols=6, fontsize=8, frameon=False)
    figure.supxlabel("trials", fontsize=9, y=0.09)
    figure.supylabel("regret (geometric mean)", fontsize=9)
    figure.tight_layout(rect=(0, 0.08, 1, 1))
    figure.savefig(path, dpi=150)
    plt.close(figure)
