"""Fuzzing guided by coverage: what reaches new branches of hpdsl is kept and changed further.

    pip install atheris
    python benchmarks/fuzz/guided.py --seconds 600 --save tests/fuzz/found

Needs atheris (libFuzzer for Python), which is no dependency of the project: it has wheels for some Pythons only. An
input is one byte, which says what is done with it, and a text. Changes are those of mutate.py and damage.py, by
tokens, and libFuzzer's own, by bytes.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
import warnings
from pathlib import Path
from random import Random

os.environ["HPDSL_JIT"] = "0"
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

import atheris

with atheris.instrument_imports(include=["hpdsl"]):
    import damage
    import mutate
    from corpus import foreign, native
    from fuzz import SHARES, stored
    from inputs import input_of
    from summary import Summary, printed
    from trials import TARGETS, Clock, Input, outcome, place

    # Much is imported where it is first needed.
    for number in range(60):
        outcome(input_of(0, number, SHARES), Clock(), lambda given, error: None)

LONGEST = 2_000
# What the first byte of an input can say.
WAYS = (*((target, "hp") for target in TARGETS), *(("convert", name) for name in sorted(foreign())))


class Run:
    """What has come of the inputs so far."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.start = time.monotonic()
        self.cpu = time.process_time()
        self.summary = Summary(options.seed)
        self.number = 0

    def one(self, data):
        """Attempt an input; libFuzzer watches what it reaches."""
        if not data:
            return
        target, name = WAYS[data[0] % len(WAYS)]
        given = Input(target, name, text_of(data[1:]))
        clock = Clock()
        result = outcome(given, clock, self.found)
        self.summary.counts[f"{target}/{result}" if name == "hp" else f"{name}/{result}"] += 1
        for step, seconds in clock.longest.items():
            self.summary.longest[step] = max(self.summary.longest.get(step, (0.0, 0)), (seconds, self.number))
        self.number += 1
        if time.monotonic() - self.start > self.options.seconds:
            self.end()

    def found(self, given, error):
        """Note a finding, and store the first of its kind as it is."""
        key = place(error)
        if key not in self.summary.findings and self.options.save:
            print(key, "->", stored(self.options.save, given, key, given.data), flush=True)
        self.summary.find(key, self.number, str(error))

    def end(self):
        """Print what came of it and leave; libFuzzer would never return."""
        self.summary.seconds = time.monotonic() - self.start
        self.summary.cpu = time.process_time() - self.cpu
        print(printed(self.summary))
        for key, found in self.summary.findings.items():
            print(f"{key}: {found.count} times, first {found.error}")
        if self.options.log:
            with self.options.log.open("a") as log:
                log.write(json.dumps({"guided": True, **self.summary.as_dict()}) + "\n")
        shutil.rmtree(self.folder)
        sys.stdout.flush()
        os._exit(1 if self.summary.findings else 0)


def text_of(data):
    """The text where there is one, else the bytes of a file."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def changed(data, most, seed):
    """An input after one change: by tokens where it is a text, now and then by bytes."""
    rng = Random(seed)
    text = text_of(data[1:])
    if isinstance(text, bytes) or rng.random() < 0.3:
        return atheris.Mutate(data, most)
    first = bytes([rng.randrange(256)]) if not data or rng.random() < 0.05 else data[:1]
    how = rng.random()
    if how < 0.6:
        text = mutate.steps(rng, text, rng.choice((1, 1, 2, 4)))
    elif how < 0.85:
        text = mutate.lines_of(rng, text)
    else:
        text = damage.characters(rng, text)
    return (first + text.encode("utf-8", "surrogatepass"))[:most]


def main():
    """Fill a folder with the first inputs and let libFuzzer go on from there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600, help="of wall-clock time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", type=Path, help="folder for the findings, such as tests/fuzz/found")
    parser.add_argument("--log", type=Path, help="file for a line about the run")
    options = parser.parse_args()
    warnings.simplefilter("error")
    folder = Path(tempfile.mkdtemp(prefix="guided"))
    for k, (way, text) in enumerate(_first()):
        (folder / f"{k:05d}").write_bytes(bytes([way]) + text.encode("utf-8", "surrogatepass"))
    flags = [f"-seed={options.seed}", f"-max_len={LONGEST}", "-timeout=60", "-rss_limit_mb=2048"]
    atheris.Setup([sys.argv[0], *flags, str(folder)], Run(options, folder).one, custom_mutator=changed)
    atheris.Fuzz()


def _first():
    """Every short text of the corpus, with what is done with it."""
    for k, text in enumerate(native()):
        yield k % len(TARGETS), text
    for name, texts in foreign().items():
        for text in texts:
            yield WAYS.index(("convert", name)), text


if __name__ == "__main__":
    main()
