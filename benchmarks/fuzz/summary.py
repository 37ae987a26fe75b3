"""What a run came to: counts by target and outcome, the slowest input, memory, findings.

python benchmarks/fuzz/summary.py benchmarks/fuzz/runs.jsonl    # the sums over stored runs
"""

import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Found:
    """The first input of a finding, and how often it came."""

    number: int
    error: str
    count: int = 1


@dataclass
class Summary:
    """The sums over all processes."""

    seed: int
    counts: Counter[str] = field(default_factory=Counter)
    longest: dict[str, tuple[float, int | str]] = field(default_factory=dict)
    peak: float = 0.0
    findings: dict[str, Found] = field(default_factory=dict)
    seconds: float = 0.0
    cpu: float = 0.0

    def add(self, message: dict[str, Any]) -> None:
        """Take in what a process has done since its last message."""
        self.counts.update(message["counts"])
        for step, (seconds, number) in message["longest"].items():
            self.longest[step] = max(self.longest.get(step, (0.0, 0)), (seconds, number))
        self.peak = max(self.peak, message["peak"])
        self.cpu += message["cpu"]
        for key, number, error, count in message["findings"]:
            self.find(key, number, error, count)

    def find(self, key: str, number: int, error: str, count: int = 1) -> None:
        """Take in a finding."""
        if key in self.findings:
            self.findings[key].count += count
            if number < self.findings[key].number:
                self.findings[key].number, self.findings[key].error = number, error
        else:
            self.findings[key] = Found(number, error, count)

    def as_dict(self) -> dict[str, Any]:
        """The summary as JSON data."""
        return {
            "seed": self.seed,
            "inputs": sum(self.counts.values()),
            "counts": dict(sorted(self.counts.items())),
            "longest": {step: [round(s, 4), number] for step, (s, number) in self.longest.items()},
            "peak_mb": round(self.peak, 1),
            "seconds": round(self.seconds, 1),
            "cpu": round(self.cpu, 1),
            "findings": {key: [f.count, f.number] for key, f in self.findings.items()},
        }


def printed(summary: Summary) -> str:
    """The summary as tables."""
    total = sum(summary.counts.values())
    lines = [
        f"seed {summary.seed}: {total:,} inputs in {summary.seconds:,.0f} s ({summary.cpu:,.0f} s of CPU),"
        f" {total / max(summary.cpu, 1e-9):,.0f} a CPU second; largest growth {summary.peak:.0f} MB",
        "",
        "| target | outcome | inputs |",
        "|---|---|---|",
    ]
    for key, count in sorted(summary.counts.items()):
        target, _, outcome = key.partition("/")
        lines.append(f"| {target} | {outcome} | {count:,} |")
    lines += ["", "| step | longest, s of CPU | input |", "|---|---|---|"]
    lines += [f"| {step} | {seconds:.3f} | {number} |" for step, (seconds, number) in sorted(summary.longest.items())]
    return "\n".join(lines)


def stored(lines: list[str]) -> str:
    """The sums over runs that `--log` wrote, and what each of them found."""
    runs = [json.loads(line) for line in lines]
    whole = Summary(0)
    for run in runs:
        whole.add({"counts": run["counts"], "longest": {}, "peak": run["peak_mb"], "cpu": run["cpu"], "findings": []})
        whole.seconds += run["seconds"]
        for step, (seconds, number) in run["longest"].items():
            whole.longest[step] = max(whole.longest.get(step, (0.0, 0)), (seconds, f"{run['seed']}:{number}"))
    head, _, tables = printed(whole).partition("\n")
    found = [
        f"- seed {run['seed']}, input {number}: {key}" for run in runs for key, (_, number) in run["findings"].items()
    ]
    return "\n".join(
        [f"{len(runs)} runs: {head.partition(': ')[2]}", tables, "", "Found, in the order of the runs:", "", *found]
    )


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        print(stored(file.readlines()))
