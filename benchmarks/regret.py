"""Regret of backends and peers over the suite: run them, and report what was run.

    python benchmarks/regret.py run --peers hpdsl_auto,optuna_tpe --problems flat,mixed --seeds 0-4
    python benchmarks/regret.py report --markdown regret.md --picture regret.png

`run` appends one line for each run, and skips what is stored already, so that it can be stopped at any time. Peers
and problems whose package is missing are named and left out. `report` compares every peer with the reference.
"""

import argparse
import json
import os
import time
from pathlib import Path

import measure  # noqa: F401 - before numpy: one thread
import numpy as np
import peers
from report import BUDGETS, report
from runs import FOLDER, course, files, stored
from suite import GROUPS, UnavailableError, get, select

import hpdsl

EVERY = 5  # of so many trials the cost of one is stored


def one_run(peer, problem, seed, budget):
    """What a run came to, as it is stored; a failure of the peer ends it and is part of the result."""
    found = {
        "peer": peer,
        "version": peers.version(peer),
        "problem": problem.name,
        "seed": seed,
        "scale": [problem.best, problem.median],
    }
    space = hpdsl.loads(problem.text)
    noise = problem.noise(seed, budget)
    configs, true, told, asking, telling, recommended = [], [], [], [], [], {}
    optimiser = None
    try:
        optimiser = peers.make(peer, space, seed)
        for k in range(budget):
            at = time.process_time()
            try:
                config = optimiser.ask()
            except hpdsl.SpaceExhausted:
                break
            asking.append(time.process_time() - at)
            space.validate(config)
            true.append(float(problem.values([config])[0]))
            told.append(true[-1] + float(noise[k]))
            configs.append(config)
            at = time.process_time()
            optimiser.tell(config, told[-1])
            telling.append(time.process_time() - at)
            # Without noise the best value is what a peer would recommend, unless it says otherwise.
            if k + 1 in BUDGETS and (noise.any() or hasattr(optimiser, "best")):
                best = optimiser.best() if hasattr(optimiser, "best") else configs[told.index(min(told))]
                recommended[str(k + 1)] = float(problem.values([best])[0])
    except ImportError:
        raise
    except Exception as error:
        found["error"] = f"trial {len(told) + 1}: {type(error).__name__}: {error}"[:200]
    finally:
        getattr(optimiser, "close", lambda: None)()
    found["recommended"] = recommended
    if noise.any():
        found["values"], found["true"] = told, true
    else:
        new = np.r_[True, np.diff(np.minimum.accumulate(told)) < 0] if told else []
        found["values"] = [[k + 1, told[k]] for k in np.flatnonzero(new).tolist()]
    cost = [a + t for a, t in zip(asking, telling, strict=False)]
    # CPU seconds: of asking and telling in all, and of both together for some trials.
    found |= {"asking": sum(asking), "telling": sum(telling), "seconds": [float(f"{c:.3g}") for c in cost[::EVERY]]}
    return rounded(found)


def rounded(x):
    """With six significant digits, which are enough and keep the files small."""
    if isinstance(x, dict):
        return {key: rounded(value) for key, value in x.items()}
    if isinstance(x, list):
        return [rounded(value) for value in x]
    return float(f"{x:.6g}") if isinstance(x, float) else x


def append(path, found):
    """Add a line to a file, after the remains of a line that somebody's end cut short."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torn = path.exists() and path.stat().st_size and path.read_bytes()[-1:] != b"\n"
    with path.open("a", buffering=1) as file:
        file.write("\n" * bool(torn) + json.dumps(found, separators=(",", ":")) + "\n")


def seeds_of(text):
    """The seeds of `0-4` or `0,3`."""
    first, _, last = text.partition("-")
    return range(int(first), int(last) + 1) if last else [int(s) for s in text.split(",")]


def run(names, problems, seeds, budget, where, yahpo=None):
    """Do every run that is not stored yet, seed by seed; `where` is a file, or a folder of one file for each peer."""
    hpdsl.warmup()
    done, missing, known = set(stored(files([where]))), set(), {}
    for seed in seeds:
        for name in problems:
            for peer in names:
                if (peer, name, seed) in done or peer in missing or name in missing:
                    continue
                try:
                    if name not in known:
                        known[name] = get(name, yahpo)
                    found = one_run(peer, known[name], seed, budget)
                except UnavailableError as error:
                    print(f"left out: {error}", flush=True)
                    missing.add(name)
                    continue
                except ImportError as error:
                    print(f"left out: {peer} ({error})", flush=True)
                    missing.add(peer)
                    continue
                append(where if where.suffix == ".jsonl" else where / f"{peer}.jsonl", found)
                least = f"{course(found, budget)[-1]:.6g}" if found["values"] else "no value"
                cost = found["asking"] + found["telling"]
                print(peer, name, seed, least, f"{cost:.1f} s", found.get("error", ""), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    runner = commands.add_parser("run", help="run peers on problems, and store what they find")
    runner.add_argument("--peers", default="hpdsl_auto,random", help=f"of {', '.join(peers.PEERS)}")
    runner.add_argument("--problems", default="flat,mixed,conditional,high,noisy", help=f"of {', '.join(GROUPS)}, all")
    runner.add_argument("--seeds", default="0-4")
    runner.add_argument("--budget", type=int, default=100)
    runner.add_argument("--runs", type=Path, default=FOLDER, help="a .jsonl, or a folder of one for each peer")
    runner.add_argument("--yahpo", type=Path, help="the data folder of YAHPO Gym")
    runner.add_argument("--core", type=int, help="stay on this core")
    reporter = commands.add_parser("report", help="tables and a picture of stored runs")
    reporter.add_argument("--runs", type=Path, nargs="+", default=[FOLDER], help="files or folders of stored runs")
    reporter.add_argument("--reference", default="hpdsl_auto", help="whom the others are compared with")
    reporter.add_argument("--peers", help="only these")
    reporter.add_argument("--problems", default="all")
    reporter.add_argument("--markdown", type=Path, help="write the tables here instead of printing them")
    reporter.add_argument("--picture", type=Path, help="a .png of regret over evaluations; needs matplotlib")
    arguments = parser.parse_args()
    if arguments.command == "report":
        report(stored(files(arguments.runs)), arguments)
        return
    if arguments.core is not None:
        os.sched_setaffinity(0, {arguments.core})
    names = arguments.peers.split(",")
    for name in names:
        peers.parse(name)
    problems, seeds = select(arguments.problems), seeds_of(arguments.seeds)
    run(names, problems, seeds, arguments.budget, arguments.runs, arguments.yahpo)


if __name__ == "__main__":
    main()
