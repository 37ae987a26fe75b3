"""Compress a fixed text in blocks; print the size, plus a charge for effort, as JSON.

    hpdsl run examples/shell_command/compress.hp --trials 20 -- \\
        python examples/shell_command/compress.py --method {method} --block {block} \\
        --level {method.level} --window {method.window} --preset {method.preset}
"""

import argparse
import bz2
import json
import lzma
import zlib

SENTENCE = "a space says what may vary and a tuner tries what may help"
TEXT = " ".join(f"{SENTENCE[k * k % 40 :]} {k % 97}" for k in range(8_000)).encode()


def compressed(block, arguments):
    if arguments.method == "zlib":
        worker = zlib.compressobj(arguments.level, zlib.DEFLATED, arguments.window)
        return len(worker.compress(block) + worker.flush())
    if arguments.method == "bz2":
        return len(bz2.compress(block, arguments.level))
    return len(lzma.compress(block, preset=arguments.preset))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--method", required=True)
    parser.add_argument("--block", type=int, required=True)
    for name in ("level", "window", "preset"):
        parser.add_argument(f"--{name}", type=int)
    arguments = parser.parse_args()
    size = sum(
        compressed(TEXT[start : start + arguments.block], arguments) for start in range(0, len(TEXT), arguments.block)
    )
    effort = {"zlib": 1.0, "bz2": 2.0, "lzma": 4.0}[arguments.method]
    print(json.dumps({"cost": size / len(TEXT) + 0.01 * effort, "size": size}))
