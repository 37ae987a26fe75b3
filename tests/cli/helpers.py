"""The command line called in this process, and a small study to call it on."""

from click.testing import CliRunner

from hpdsl.cli import main

SPACE = "x ~ uniform(-1, 1)\nkind ~ choice(a, b)\ny ~ uniform(0, 1) when kind == a\nminimize loss\n"


OBJECTIVE = "def f(config):\n    return config['x'] ** 2 + config.get('y', 0.5)\n"


SCRIPT = """
import sys
values = dict(a.removeprefix("--").split("=") for a in sys.argv[1:])
print("some noise")
print(float(values["x"]) ** 2)
"""


def run(*args):
    return CliRunner().invoke(main, [str(a) for a in args])


def search(*args, backend="random"):
    return run("run", "space.hp", "--backend", backend, *args)
