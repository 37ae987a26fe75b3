"""Regret of backends and peers over the suite: run them, and report what was run.

    python benchmarks/regret.py run --peers hpdsl_auto,optuna_tpe --problems flat,mixed --seeds 0-4
    python benchmarks/regret.py report

`run` appends one line for each run to benchmarks/runs/PEER.jsonl and skips what is there already, so that it can be
stopped at any time. `report` reads these files. Peers whose package is missing are named and left out.
"""

import argparse
import json
import time
from pathlib import Path

import measure  # noqa: F401 - before numpy: one thread
import peers
from suite import GROUPS, UnavailableError, get, select

import hpdsl

RUNS = Path(__file__).parent / "runs"
BUDGETS = (25, 50, 100)


def one_run(peer, problem, seed, budget, options=None):
    """What one run came to.

    `values` are noise-free; `recommended` are those of what the peer recommends, if it does, or where there is noise.
    """
    space = hpdsl.loads(problem.text)
    noise = problem.noise(seed, budget)
    started = time.perf_counter()
    optimiser = peers.make(peer, space, seed, **(options or {}))
    true, told, configs, ask, tell, recommended = [], [], [], [], [], {}
    try:
        for k in range(budget):
            at = time.perf_counter()
            try:
                config = optimiser.ask()
            except hpdsl.SpaceExhausted:
                break
            ask.append(time.perf_counter() - at)
            configs.append(config)
            true.append(float(problem.function(config)))
            told.append(true[-1] + float(noise[k]))
            at = time.perf_counter()
            optimiser.tell(config, told[-1])
            tell.append(time.perf_counter() - at)
            if k + 1 in BUDGETS and (noise.any() or hasattr(optimiser, "best")):
                recommended[k + 1] = recommendation(optimiser, problem, configs, told)
    finally:
        getattr(optimiser, "close", lambda: None)()
    cost = [a + t for a, t in zip(ask, tell, strict=True)]
    return {
        "peer": peer,
        "version": peers.version(peer),
        "problem": problem.name,
        "seed": seed,
        "values": best_so_far(true),
        "recommended": {str(n): round6(v) for n, v in recommended.items()},
        "seconds": [round6(c) for c in cost[::5]],
        "total": round6(sum(cost)),
        "wall": round6(time.perf_counter() - started),
    }


def recommendation(optimiser, problem, configs, told):
    """The noise-free value of the configuration that is recommended: a peer's own choice, or the best told."""
    best = optimiser.best() if hasattr(optimiser, "best") else configs[told.index(min(told))]
    return float(problem.function(best))


def best_so_far(values):
    """Where the least value so far changed: pairs of the trial's number, from 1, and the value."""
    steps = []
    for k, value in enumerate(values, start=1):
        if not steps or value < steps[-1][1]:
            steps.append([k, round6(value)])
    return steps


def round6(x):
    """Six digits are enough, and keep the files small."""
    return float(f"{x:.6g}")


def stored(files):
    """The runs in files, by (peer, problem, seed)."""
    found = {}
    for path in files:
        for line in path.read_text().splitlines():
            run = json.loads(line)
            found[run["peer"], run["problem"], run["seed"]] = run
    return found


def seeds_of(text):
    """The seeds of `0-4` or `0,3`."""
    first, _, last = text.partition("-")
    return range(int(first), int(last) + 1) if last else [int(s) for s in text.split(",")]


def run(arguments):
    """Do every run that is not stored yet, seed by seed."""
    folder = arguments.runs
    folder.mkdir(parents=True, exist_ok=True)
    done = stored(sorted(folder.glob("*.jsonl")))
    missing, names = set(), select(arguments.problems)
    for seed in seeds_of(arguments.seeds):
        for name in names:
            for peer in arguments.peers.split(","):
                if (peer, name, seed) in done or peer in missing or name in missing:
                    continue
                try:
                    problem = get(name, arguments.yahpo)
                    found = one_run(peer, problem, seed, arguments.budget)
                except UnavailableError as error:
                    print(f"left out: {error}")
                    missing.add(name)
                    continue
                except ImportError as error:
                    print(f"left out: {peer} ({error})")
                    missing.add(peer)
                    continue
                except Exception as error:  # a peer's failure is a result too
                    found = {"peer": peer, "problem": name, "seed": seed}
                    found["error"] = f"{type(error).__name__}: {error}"[:200]
                with (folder / f"{peer}.jsonl").open("a") as file:
                    file.write(json.dumps(found, separators=(",", ":")) + "\n")
                shown = found.get("error") or f"{found['values'][-1][1]:.6g} in {found['wall']:.1f} s"
                print(peer, name, seed, shown, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    runner = commands.add_parser("run", help="run peers on problems, and store what they find")
    runner.add_argument("--peers", default="hpdsl_auto,random", help=f"of {', '.join(peers.PEERS)}")
    runner.add_argument("--problems", default="flat,mixed,conditional,high,noisy", help=f"of {', '.join(GROUPS)}, all")
    runner.add_argument("--seeds", default="0-4")
    runner.add_argument("--budget", type=int, default=100)
    runner.add_argument("--yahpo", type=Path, help="the data folder of YAHPO Gym")
    reporter = commands.add_parser("report", help="tables and a picture of stored runs")
    reporter.add_argument("--reference", default="hpdsl_auto", help="whom the others are compared with")
    reporter.add_argument("--peers", help="only these")
    reporter.add_argument("--problems", default="all")
    reporter.add_argument("--picture", type=Path, help="a .png of regret over trials; needs matplotlib")
    for p in (runner, reporter):
        p.add_argument("--runs", type=Path, default=RUNS, help="the folder of stored runs")
    arguments = parser.parse_args()
    if arguments.command == "run":
        run(arguments)
    else:
        from report import report

        report(stored(sorted(arguments.runs.glob("*.jsonl"))), arguments)


if __name__ == "__main__":
    main()
