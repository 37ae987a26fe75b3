"""CPU seconds an ask and peak memory with thousands of told trials of 20 mixed parameters, each in its own process.

    python benchmarks/scaling.py [--peers hpdsl_bayes,hpdsl_tpe] [--n 1000,5000]

The first ask after a resumed study fits the model from its start; the next ones go on from there.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time

from measure import table

D, ASKS = 20, 5
# Samplers whose ask takes minutes at these sizes are not among them.
PEERS = "hpdsl_auto,hpdsl_bayes,hpdsl_tpe,optuna_tpe"


def single(name, n):
    """The first ask, the median of the next ones in seconds, and the peak memory of this process in MB."""
    import warnings

    from told import told

    import hpdsl

    warnings.filterwarnings("ignore")
    hpdsl.warmup()
    made, function = told(name, D, n)
    times = []
    for _ in range(ASKS + 1):
        start = time.process_time()
        config = made.ask()
        times.append(time.process_time() - start)
        made.tell(config, function(config))
    return times[0], statistics.median(times[1:]), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", default=PEERS)
    parser.add_argument("--n", default="1000,5000")
    parser.add_argument("--single", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.single:
        name, n = arguments.single
        print(json.dumps(single(name, int(n))))
        return
    rows = []
    for name in arguments.peers.split(","):
        for n in arguments.n.split(","):
            command = [sys.executable, __file__, "--single", name, n]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                print(f"left out: {name}, n = {n} ({done.stderr.strip().splitlines()[-1]})")
                continue
            first, later, memory = json.loads(done.stdout.splitlines()[-1])
            rows.append([name, n, f"{first:.3g}", f"{later:.3g}", f"{memory:.0f}"])
    table(("peer", "n", "first ask, s", "later asks, s", "peak memory, MB"), rows)


if __name__ == "__main__":
    main()
