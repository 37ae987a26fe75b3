"""Processes that run inputs: bounded in memory, watched from outside, and restarted where one dies."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from summary import Summary

_BATCH = 500
_HANGS = 60.0  # seconds of wall-clock without a word of progress: beyond any alarm, even on a busy machine


class Worker:
    """A process that runs the inputs `first`, `first + stride`, … below `end`."""

    def __init__(self, seed: int, shares: dict[str, int], first: int, stride: int, end: int, memory: int) -> None:
        self.job: dict[str, Any] = {
            "seed": seed, "shares": shares, "first": first, "stride": stride, "end": end, "memory": memory
        }  # fmt: skip
        self.done = False
        self._messages: Queue[dict[str, Any]] = Queue()
        handle, self._mark = tempfile.mkstemp(prefix="fuzz")
        os.close(handle)
        self._start()

    def _start(self) -> None:
        self.job["mark"] = self._mark
        self._heard = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, __file__, json.dumps(self.job)], stdout=subprocess.PIPE, text=True, env=_environment()
        )
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen) -> None:
        for line in process.stdout:
            self._messages.put(json.loads(line))

    def collect(self, summary: Summary, elapsed: float) -> None:
        """Take in what came; a process that died or hangs is a finding, and the next input its successor's first."""
        try:
            while True:
                message = self._messages.get_nowait()
                self._heard = time.monotonic()
                self.job["first"] = message["next"]
                summary.add(message)
        except Empty:
            pass
        code = self._process.poll()
        hangs = code is None and time.monotonic() - self._heard > _HANGS
        if hangs:
            self._process.kill()
            code = self._process.wait()
        if code is None or not self._messages.empty():
            return
        marked = Path(self._mark).read_text()
        if code == 0 or not marked:
            self.done = True
            os.unlink(self._mark)
            if not marked and code:
                raise RuntimeError("the process ended before its first input")
            return
        at = int(marked)
        summary.find("crash: it hangs" if hangs else f"crash: exit {code}", at, "the process ended")
        self.job["first"] = at + self.job["stride"]
        self._start()

    def stop(self, summary: Summary) -> None:
        """End the process after what it is at."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()
        time.sleep(0.2)
        while not self._messages.empty():
            summary.add(self._messages.get_nowait())


def _environment() -> dict[str, str]:
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **one, "HPDSL_JIT": "0", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}


# ---- inside -------------------------------------------------------------------------------------------------


def run(job: dict[str, Any]) -> None:
    """Run the inputs of a job, with a message to standard output now and then."""
    import gc
    import resource
    import warnings

    here = Path(__file__).resolve()
    sys.path[:0] = [str(here.parent), str(here.parents[2])]
    from inputs import input_of
    from trials import Clock, outcome, place

    warnings.simplefilter("error")
    shares = job["shares"]
    for k in range(40):  # imports and tables are no part of the first inputs
        outcome(input_of(0, k, shares), Clock(), lambda given, error: None)
    gc.collect()
    gc.freeze()
    base = _resident()
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * os.sysconf("SC_PAGE_SIZE") + (job["memory"] << 20)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    told = _Told(base)
    signal.signal(signal.SIGTERM, lambda *_: told.end())
    with open(job["mark"], "w") as mark:
        for k in range(job["first"], job["end"], job["stride"]):
            mark.seek(0)
            mark.write(f"{k:<20}")
            mark.flush()
            given = input_of(job["seed"], k, shares)
            clock = Clock()
            result = outcome(given, clock, lambda given, error, k=k: told.found(place(error), k, _shown(error)))
            told.one(f"{given.target}/{result}", clock.longest, k)
            if told.ended:
                break
            if told.done >= _BATCH:
                told.send(k + job["stride"])
    told.send(job["end"])


class _Told:
    """What is to be said in the next message."""

    def __init__(self, base: float) -> None:
        self.base = base
        self.ended = False
        self._clear()

    def _clear(self) -> None:
        self.done = 0
        self.counts: dict[str, int] = {}
        self.longest: dict[str, tuple[float, int]] = {}
        self.findings: dict[str, list[Any]] = {}
        self.start = time.process_time()

    def end(self) -> None:
        self.ended = True

    def one(self, key: str, longest: dict[str, float], number: int) -> None:
        self.done += 1
        self.counts[key] = self.counts.get(key, 0) + 1
        for step, seconds in longest.items():
            if seconds > self.longest.get(step, (0.0, 0))[0]:
                self.longest[step] = (seconds, number)

    def found(self, key: str, number: int, error: str) -> None:
        if key in self.findings:
            self.findings[key][3] += 1
        else:
            self.findings[key] = [key, number, error, 1]

    def send(self, following: int) -> None:
        message = {
            "next": following,
            "counts": self.counts,
            "longest": self.longest,
            "findings": list(self.findings.values()),
            "peak": _resident() - self.base,
            "cpu": time.process_time() - self.start,
        }
        print(json.dumps(message), flush=True)
        self._clear()


def _resident() -> float:
    """The largest resident memory of this process so far, in MB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _shown(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error, limit=-6))[-3000:]


if __name__ == "__main__":
    run(json.loads(sys.argv[1]))
