"""What the tests reached: the total of lines and branches, and the modules that are low with what they miss.

python .ci/coverage_report.py FOLDER BAR, with the files that sitecustomize.py wrote; fails where the total is below
the bar, in %.
"""

import json
import sys
from pathlib import Path

from slipcover import merge_coverage

# Modules are shown from here down, in %.
LOW = 90.0


def ratio(reached, missed):
    """What was reached, in percent."""
    return 100.0 * reached / max(reached + missed, 1)


def named(numbers):
    """Line numbers as ranges."""
    spans = []
    for n in numbers:
        if spans and n == spans[-1][1] + 1:
            spans[-1][1] = n
        else:
            spans.append([n, n])
    return ", ".join(f"{a}-{b}" if b > a else f"{a}" for a, b in spans)


def missed(entry):
    """The lines and branches of a module that nothing reached; branches to or from such a line say nothing new."""
    lines = set(entry["missing_lines"])
    branches = [f"{a}->{b or 'exit'}" for a, b in entry["missing_branches"] if not {a, b} & lines]
    return ", ".join(part for part in (named(entry["missing_lines"]), *branches) if part)


def main(folder, bar):
    """Print the report; the exit code."""
    texts = [path.read_text() for path in sorted(Path(folder).glob("*.json"))]
    if not all(texts) or not texts:
        print("a worker did not write down what it reached" if texts else "nothing was measured")
        return 1
    found = [json.loads(text) for text in texts]
    # Merging is also what joins the two names of a file that a symlink shows twice.
    total, *others = [*found, found[-1]]
    for other in others:
        merge_coverage(total, other)
    summary = total["summary"]
    lines = ratio(summary["covered_lines"], summary["missing_lines"])
    branches = ratio(summary["covered_branches"], summary["missing_branches"])
    both = summary["percent_covered"]
    shares = {name: entry["summary"]["percent_covered"] for name, entry in total["files"].items()}
    low = sorted((share, name) for name, share in shares.items() if share < LOW)
    print(f"{len(shares)} modules, {len(low)} of them below {LOW:g} % of lines and branches")
    for share, name in low:
        print(f"  {share:3.0f} %  {name}: {missed(total['files'][name])}")
    print(f"reached: {lines:.1f} % of lines, {branches:.1f} % of branches, {both:.1f} % of both (at least {bar:g})")
    return int(both < bar)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2])))
