"""Time and memory of parsing and compiling, by number of parameters, and its growth.

    python benchmarks/compiling.py

Every size is measured warm in one process (medians), and its peak memory in a process of its own.
"""

import resource
import subprocess
import sys

from measure import side_by_side, table

from hpdsl.compiler import Compilation
from hpdsl.source import Source

SIZES = (40, 100, 300, 1000, 3000)
SENTENCES = (
    "lr{k} ~ loguniform(1e-6, 1e-1)   default 1e-3",
    "layers{k} ~ int uniform(1, 16)",
    "width{k} ~ int loguniform(8, layers{k} * 128)",
    "kind{k} ~ choice(relu: 2, gelu, none)",
    "drop{k} ~ choice(0: 2, uniform(0.01, 0.5): 1)   when kind{k} != none",
    "batch{k} ~ pow2(8, 512)",
    "decay{k} ~ lognormal(1e-3 * batch{k}, 3) in 1e-6 .. 1",
    "gate{k} ~ bool(0.2)",
    "warm{k} ~ beta(1, 10)   when gate{k}",
    "size{k} ~ ordinal(small, medium, large)",
)
RULES = (
    "cost{k} = layers{k} * width{k}\n"
    "forbid kind{k} == none and layers{k} > 8\n"
    "require size{k} == large => batch{k} >= 32\n"
)


def text(n, rules=True):
    """A file of n parameters: a tenth as many derived values, two tenths as many requirements if there are `rules`."""
    lines = [SENTENCES[i % 10].format(k=i // 10) + "\n" for i in range(n)]
    return "".join(lines) + "".join(RULES.format(k=k) for k in range(n // 10) if rules)


def compiled(source):
    """Parse, check and lower to op tables."""
    compilation = Compilation(source)
    program = compilation.program
    program.sample(1, 0, 0, 100_000)
    return compilation


def alone(n):
    """Peak memory in MB of a fresh process that compiles n parameters."""
    compiled(Source("memory.hp", text(n)))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main():
    if len(sys.argv) > 1:
        alone(int(sys.argv[1]))
        return
    sources = {n: Source("size.hp", text(n)) for n in SIZES}
    plain = {n: Source("plain.hp", text(n, rules=False)) for n in SIZES}
    compiled(sources[40])
    times = side_by_side(
        {("check", n): lambda s=s: Compilation(s).model for n, s in sources.items()}
        | {("compile", n): lambda s=s: compiled(s) for n, s in sources.items()}
        | {("plain", n): lambda s=s: compiled(s) for n, s in plain.items()},
        rounds=5,
    )
    rows = []
    for n in SIZES:
        peak = subprocess.run([sys.executable, __file__, str(n)], capture_output=True, text=True, check=True).stdout
        check, whole = times["check", n], times["compile", n]
        rows.append((n, f"{check * 1e3:.0f}", f"{whole * 1e3:.0f}", f"{whole / n * 1e6:.0f}", f"{float(peak):.0f}"))
    table(
        ("parameters", "parse and check, ms", "parse to first sample, ms", "us a parameter", "peak MB of a process"),
        rows,
    )


if __name__ == "__main__":
    main()
