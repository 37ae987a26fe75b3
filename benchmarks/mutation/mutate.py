"""Mutation testing: small changes to the code, drawn at random, and how many of them the tests notice.

    pip install cosmic-ray
    python benchmarks/mutation/mutate.py --count 12 --only semantics --report benchmarks/mutation/TABLES.md
    python benchmarks/mutation/mutate.py --again               # what was not noticed, after writing tests

Works on a copy of what is committed, with the tests of the working tree's commit. Compilation is off, so that a change
counts; a change that lets the tests run for more than `--timeout` seconds counts as noticed. How it is tried: trial.py.
"""

import argparse
import ast
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from trial import start

ROOT = Path(__file__).resolve().parents[2]
# Folder by folder: the tests that are to notice, quick ones first.
SUITES = {
    "hpdsl/kernels": "tests/kernels tests/program/test_golden_samples.py",
    "hpdsl/intervals": "tests/test_intervals.py tests/semantics tests/test_diagnostics.py",
    "hpdsl/semantics": "tests/semantics tests/test_diagnostics.py tests/test_joint.py tests/test_registry.py "
    "tests/program/test_golden_samples.py tests/test_terms.py tests/test_intervals.py tests/test_explain.py "
    "tests/priors tests/graph tests/grid tests/constraints tests/program tests/test_diff.py tests/test_limits.py "
    "tests/test_space.py tests/testing/test_reference.py tests/test_algebra.py tests/docs/test_help_lines.py "
    "tests/test_diagram.py tests/test_examples.py",
}
# Written by hand or compiled with their modules: what makes code, and what only Numba reads, is not changed.
KERNELS = ("arithmetic", "beta", "elementary", "gamma", "normal", "philox", "single", "twin")


def main():
    """Change, test, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=12, help="changes to each module")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="a word in the names of the modules")
    parser.add_argument("--again", action="store_true", help="try only what was not noticed, anew")
    parser.add_argument("--seconds", type=float, default=0, help="stop after so many seconds of wall-clock")
    parser.add_argument("--timeout", type=float, default=90, help="for the tests of one change")
    parser.add_argument("--budget", type=float, default=30, help="seconds of tests for one change, quick ones first")
    parser.add_argument(
        "--anew", type=int, default=5, help="files or folders of tests that run where all is imported anew"
    )
    parser.add_argument("--tests", help="others than those of the folder, such as tests just written")
    parser.add_argument(
        "--reached", type=Path, help="file that keeps which tests reach what, while the code is the same"
    )
    parser.add_argument("--cosmic-ray", default=Path(sys.executable).with_name("cosmic-ray"), help="the program")
    parser.add_argument("--log", type=Path, default=Path(__file__).with_name("changes.jsonl"), help="a line a change")
    parser.add_argument("--report", type=Path, help="file for the tables")
    options = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(["git", "-C", ROOT, "archive", "HEAD"], capture_output=True, check=True)
        subprocess.run(["tar", "x", "-C", folder], input=archive.stdout, check=True)
        for suite, tests in SUITES.items():
            modules = [m for m in _modules(folder, suite) if options.only in m]
            changes = _again(modules, options) if options.again else _drawn(folder, modules, options)
            if changes:
                start(
                    folder,
                    options.tests or tests,
                    modules,
                    lambda trial, changes=changes: _tried(trial, changes, begun, options),
                    options,
                )
    text = report(_logged(options.log))
    print(text)
    if options.report:
        options.report.write_text(text, "utf-8")
    return 0


def _modules(folder, suite):
    paths = sorted(Path(folder, suite).glob("*.py"))
    return [f"{suite}/{p.name}" for p in paths if suite != "hpdsl/kernels" or p.stem in KERNELS]


def _drawn(folder, modules, options):
    """(module, name) of the changes not logged yet: in turns, so that stopping early leaves no module out."""
    done = {(r["module"], r["change"]) for r in _logged(options.log)}
    drawn = {m: _changes(folder, m, options) for m in modules}
    turns = ((m, c) for k in range(options.count) for m, changes in drawn.items() for c in changes[k : k + 1])
    return [one for one in turns if one not in done]


def _again(modules, options):
    return [(r["module"], r["change"]) for r in _logged(options.log) if not r["noticed"] and r["module"] in modules]


def _tried(trial, changes, begun, options):
    for module, name in changes:
        if not options.seconds or time.monotonic() - begun < options.seconds:
            _attempt(trial, module, name, options)


def _logged(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def _changes(folder, module, options):
    """Names of the drawn changes to a module, in the order in which they are tried."""
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
    source = Path(folder, module).read_text("utf-8")
    lines, annotations = source.splitlines(), _annotations(source)
    random.Random(f"{options.seed}{module}").shuffle(rows)
    kept = [r for r in rows if _counts(lines[r[2] - 1], r[3]) and not any(a <= r[2:] < b for a, b in annotations)]
    return [f"{o.removeprefix('core/')} {n} at {row}:{column}" for o, n, row, column in kept[: options.count]]


def _counts(line, column):
    """Whether a change can matter: none to what only type checkers see, nor to the `*` before keyword arguments."""
    seen_by_checkers = line.lstrip().startswith(("assert ", "from ", "import ", "if TYPE_CHECKING"))
    return not seen_by_checkers and not line.startswith("*,", column)


def _annotations(source):
    """Where annotations begin and end, as (row, column): nothing reads them."""
    nodes = list(ast.walk(ast.parse(source)))
    parts = [getattr(n, name, None) for n in nodes for name in ("annotation", "returns")]
    return [((p.lineno, p.col_offset), (p.end_lineno, p.end_col_offset)) for p in parts if p is not None]


def _attempt(trial, module, name, options):
    operator, occurrence = name.split(" ")[:2]
    path = trial.folder / module
    original = path.read_text("utf-8")
    apply = [options.cosmic_ray, "apply", module, f"core/{operator}", occurrence]
    subprocess.run(apply, cwd=trial.folder, check=True, capture_output=True)
    changed = path.read_text("utf-8")
    path.write_text(original, "utf-8")
    try:
        compile(changed, module, "exec")
    except SyntaxError:
        return
    row, lines = _difference(original, changed)
    known = [r["lines"] for r in _logged(options.log) if (r["module"], r["change"]) == (module, name)]
    if known not in ([], [lines]):
        print("the code is another by now:", module, name, file=sys.stderr)
        return
    noticed, seconds = trial.attempt(module, row, changed)
    result = {"module": module, "change": name, "noticed": noticed, "late": seconds is None, "lines": lines}
    print(f"{seconds or options.timeout:.1f} s", result, file=sys.stderr, flush=True)
    _write(options.log, result)


def _write(path, result):
    """Add a result, or the second verdict on a change: what was not noticed at first stays marked."""
    results = _logged(path)
    for k, known in enumerate(results):
        if (known["module"], known["change"]) == (result["module"], result["change"]):
            results[k] = {**result, "first": known.get("first", known["noticed"])}
            break
    else:
        results.append(result)
    path.write_text("".join(json.dumps(r) + "\n" for r in results), "utf-8")


def _difference(before, after):
    """The row of the first line that changed, and the line, old and new."""
    pairs = enumerate(zip(before.splitlines(), after.splitlines(), strict=False), 1)
    return next(((row, [a.strip(), b.strip()]) for row, (a, b) in pairs if a != b), (1, ["", ""]))


def report(results):
    """The share that was noticed by module, at first and now, and every change that was not."""
    total = Counter(r["module"] for r in results)
    first = Counter(r["module"] for r in results if r.get("first", r["noticed"]))
    noticed = Counter(r["module"] for r in results if r["noticed"])
    lines = ["| module | changes | noticed at first | noticed | % |", "|---|---|---|---|---|"]
    folders = sorted({m.rsplit("/", 1)[0] for m in total})
    groups = {m: [m] for m in sorted(total)}
    groups |= {f"all of {f}": [m for m in total if m.startswith(f"{f}/")] for f in folders}
    lines += [_row(name, modules, total, first, noticed) for name, modules in groups.items()]
    lines += [_row("all", list(total), total, first, noticed), "", "Not noticed:", ""]
    for r in results:
        if not r["noticed"]:
            lines.append(f"- {r['module']}, {r['change']}: `{r['lines'][0]}` became `{r['lines'][1]}`")
    return "\n".join(lines) + "\n"


def _row(name, modules, total, first, noticed):
    count, before, now = (sum(c[m] for m in modules) for c in (total, first, noticed))
    return f"| {name} | {count} | {before} | {now} | {100 * now / max(count, 1):.1f} |"


if __name__ == "__main__":
    sys.exit(main())
