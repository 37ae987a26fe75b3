"""Mutation testing: small changes to the code, drawn at random, and how many of them the tests notice.

    pip install cosmic-ray
    python benchmarks/mutation/mutate.py --count 40 --seed 1 --report benchmarks/mutation/REPORT.md

Works on a copy of what is committed. Compilation is off, so that a change counts; each module goes with the tests that
speak of it. A change that lets a test run for more than `--timeout` seconds counts as noticed.
"""

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_GOLDEN = "tests/program/test_golden_samples.py"
# Module by module: the tests that are to notice, quick ones first.
TESTS = {
    "hpdsl/kernels/arithmetic.py": f"tests/kernels/test_arithmetic.py {_GOLDEN}",
    "hpdsl/kernels/elementary.py": f"tests/kernels/test_elementary.py {_GOLDEN}",
    "hpdsl/kernels/normal.py": f"tests/kernels/test_normal.py {_GOLDEN}",
    "hpdsl/kernels/philox.py": f"tests/kernels/test_philox.py {_GOLDEN}",
    "hpdsl/kernels/gamma.py": f"tests/kernels/test_gamma.py {_GOLDEN}",
    "hpdsl/kernels/beta.py": f"tests/kernels/test_beta.py {_GOLDEN}",
    "hpdsl/kernels/single.py": f"tests/kernels/test_arithmetic.py tests/kernels/test_interpreter.py {_GOLDEN}",
    "hpdsl/kernels/twin.py": f"tests/kernels/test_arithmetic.py tests/kernels/test_interpreter.py {_GOLDEN}",
    "hpdsl/intervals/interval.py": "tests/test_intervals.py",
    "hpdsl/intervals/analysis.py": "tests/test_intervals.py",
    "hpdsl/semantics/sums.py": "tests/semantics tests/constraints/test_simplex.py",
    "hpdsl/semantics/defaults.py": "tests/semantics tests/test_space.py",
    "hpdsl/semantics/choices.py": "tests/semantics tests/test_space.py",
    "hpdsl/semantics/distributions.py": "tests/semantics tests/test_space.py",
    "hpdsl/semantics/expressions.py": "tests/semantics tests/test_limits.py",
    "hpdsl/semantics/rules.py": "tests/semantics tests/test_diagnostics.py",
}
ENVIRONMENT = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
    "HPDSL_JIT": "0",
    "NUMBA_DISABLE_JIT": "1",
}


def main():
    """Change, test, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=40, help="changes to each module")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="a word in the names of the modules")
    parser.add_argument("--seconds", type=float, default=0, help="stop after so many seconds of wall-clock")
    parser.add_argument("--timeout", type=float, default=120, help="for the tests of one change")
    parser.add_argument("--cosmic-ray", default="cosmic-ray", help="the program")
    parser.add_argument("--log", type=Path, default=Path(__file__).with_name("changes.jsonl"), help="a line a change")
    parser.add_argument("--report", type=Path, help="file for the tables")
    options = parser.parse_args()
    done = {(r["module"], r["change"]): r for r in _logged(options.log)}
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(["git", "-C", ROOT, "archive", "HEAD"], capture_output=True, check=True)
        subprocess.run(["tar", "x", "-C", folder], input=archive.stdout, check=True)
        waiting = {m: _changes(folder, m, options) for m in TESTS if options.only in m}
        # In turns, so that stopping early leaves no module out.
        for k in range(options.count):
            for module, changes in waiting.items():
                late = options.seconds and time.monotonic() - start > options.seconds
                if k < len(changes) and not late and (module, changes[k][0]) not in done:
                    _attempt(folder, module, changes[k], options)
    text = report(_logged(options.log))
    print(text)
    if options.report:
        options.report.write_text(text, "utf-8")
    return 0


def _logged(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def _changes(folder, module, options):
    """(name, operator, occurrence) of the drawn changes to a module, in the order in which they are tried."""
    session = Path(folder) / f"{module.replace('/', '_')}.sqlite"
    config = session.with_suffix(".toml")
    config.write_text(
        f'[cosmic-ray]\nmodule-path = "{module}"\ntimeout = {options.timeout}\nexcluded-modules = []\n'
        f'test-command = "true"\n[cosmic-ray.distributor]\nname = "local"\n'
    )
    subprocess.run([options.cosmic_ray, "init", config, session], cwd=folder, check=True, capture_output=True)
    with sqlite3.connect(session) as database:
        rows = database.execute(
            "select operator_name, occurrence, start_pos_row, start_pos_col from mutation_specs order by 1, 2"
        ).fetchall()
    kept = [r for r in rows if _counts(Path(folder, module).read_text().splitlines()[r[2] - 1], r[0])]
    random.Random(f"{options.seed}{module}").shuffle(kept)
    return [(f"{o.removeprefix('core/')} {n} at {row}:{column}", o, n) for o, n, row, column in kept[: options.count]]


def _counts(line, operator):
    """Whether a change can matter: none to annotations, which nothing reads, nor to what only type checkers see."""
    annotation = "BinaryOperator_BitOr" in operator and (" | None" in line or "->" in line)
    return not annotation and not line.lstrip().startswith(("assert ", "from ", "import "))


def _attempt(folder, module, change, options):
    name, operator, occurrence = change
    path = Path(folder, module)
    original = path.read_text("utf-8")
    apply = [options.cosmic_ray, "apply", module, operator, str(occurrence)]
    subprocess.run(apply, cwd=folder, check=True, capture_output=True)
    difference = _difference(original, path.read_text("utf-8"))
    quiet = ["-q", "-x", "-p", "no:cacheprovider", "-W", "ignore:overflow encountered:RuntimeWarning"]
    command = [sys.executable, "-m", "pytest", *quiet, *TESTS[module].split()]
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}
    start = time.monotonic()
    try:
        code = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, timeout=options.timeout, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        code = -1
    finally:
        path.write_text(original, "utf-8")
    result = {"module": module, "change": name, "noticed": code != 0, "late": code == -1, "lines": difference}
    print(f"{time.monotonic() - start:.0f} s", result, file=sys.stderr, flush=True)
    with options.log.open("a", encoding="utf-8") as log:
        log.write(json.dumps(result) + "\n")


def _difference(before, after):
    """The lines that changed, old and new."""
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    return next(([a.strip(), b.strip()] for a, b in pairs if a != b), ["", ""])


def report(results):
    """The share that was noticed by module, and every change that was not."""
    total, noticed = Counter(r["module"] for r in results), Counter(r["module"] for r in results if r["noticed"])
    lines = ["| module | changes | noticed | % |", "|---|---|---|---|"]
    for module, count in sorted(total.items()):
        lines.append(f"| {module} | {count} | {noticed[module]} | {100 * noticed[module] / count:.0f} |")
    every, all_noticed = sum(total.values()), sum(noticed.values())
    lines += [f"| all | {every} | {all_noticed} | {100 * all_noticed / max(every, 1):.1f} |", "", "Not noticed:", ""]
    for r in results:
        if not r["noticed"]:
            lines.append(f"- {r['module']}, {r['change']}: `{r['lines'][0]}` became `{r['lines'][1]}`")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
