"""Start-up: CPU seconds of `import hpdsl` and `hpdsl check`, and the wait for the first trial with cold kernels.

python benchmarks/startup.py
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
ROUNDS = 11


def cpu(command, environment=None):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    python = [sys.executable]
    commands = {
        "python -c pass": [*python, "-c", "pass"],
        "import hpdsl": [*python, "-c", "import hpdsl"],
        "hpdsl check, 38 parameters": [*python, "-m", "hpdsl", "check", str(HERE / "spaces" / "learners.hp")],
    }
    times = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            times[name].append(cpu(command))
    for name, found in times.items():
        print(f"{name}: {statistics.median(found):.3f} s CPU (least {min(found):.3f})")
    print("targets: import 0.15 s, check 0.30 s")
    for trace in ("numba", "scipy"):
        code = f"import sys; sys.argv=['hpdsl','check',{str(HERE / 'spaces' / 'learners.hp')!r}]\n"
        code += "from hpdsl.cli import main\ntry: main()\nexcept SystemExit: pass\n"
        code += f"assert {trace!r} not in sys.modules"
        subprocess.run([*python, "-c", code], check=True, capture_output=True)
    print("neither imports numba or scipy")
    with tempfile.TemporaryDirectory() as folder:
        objective = Path(folder) / "objective.py"
        objective.write_text(
            "import pathlib, time\n"
            "def f(config):\n"
            "    p = pathlib.Path(__file__).with_suffix('.t')\n"
            "    p.exists() or p.write_text(str(time.time()))\n"
            "    return config['a']\n"
        )
        environment = {**os.environ, "HPDSL_CACHE_DIR": str(Path(folder) / "cache")}
        start = time.time()
        subprocess.run(
            [
                *(*python, "-m", "hpdsl", "run", str(HERE / "spaces" / "flat.hp"), "--objective", f"{objective}:f"),
                *("--trials", "3", "--store", str(Path(folder) / "study.db")),
            ],
            check=True,
            capture_output=True,
            env=environment,
        )
        first = float(objective.with_suffix(".t").read_text())
    print(f"cold kernels: the first trial started after {first - start:.2f} s (target: 2)")


if __name__ == "__main__":
    main()
