"""How the time of every regular expression of hpdsl grows with inputs made to send it back and forth.

python benchmarks/bombs.py --only regexes

Expressions are found in the source, with the methods that are called on them; inputs are a beginning, a piece that is
repeated, and an end. All are tried at 1,000 characters and twice that; the longest on up to 64,000.
"""

import ast
import re
import signal
import time
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZES = [1000 << k for k in range(7)]
PIECES = (
    *"a1 .,=e\"'`\\|&!~#-_([{)]}:<\t\n",
    *(
        "a ",
        "a\t",
        "1.",
        "1e",
        "()",
        "(a",
        "[]",
        "[a",
        "{}",
        "{a",
        '""',
        "''",
        '"a',
        "``",
        "\\\\",
        '\\"',
        "a,",
        "(a)",
        "a=1,",
    ),
)
BEGINNINGS = (
    "",
    "x",
    "x ",
    'x "" c (',
    'x "" c ((',
    "x {a} [a] ",
    "x {",
    "x [1] [",
    "[",
    "(",
    '"',
    "`",
    "  ",
    "1",
    "1e",
    "a=",
)
ENDS = ("", "!", "\0", '"', ")", "x\n", " x")
FLAGS = {"IGNORECASE": re.I, "I": re.I, "MULTILINE": re.M, "M": re.M, "VERBOSE": re.X, "X": re.X, "DOTALL": re.S}
METHODS = {"match", "fullmatch", "search", "sub", "split", "findall", "finditer"}
# Twice the input in four times the time would be a square.
WORST, SECONDS = 3.0, 2.0


class _TooLongError(Exception):
    pass


def found():
    """Every expression in the source: its place, its pattern, and the methods that are called on it."""
    for path in sorted([*(ROOT / "hpdsl").rglob("*.py"), *(ROOT / "backends").rglob("*.py")]):
        tree = ast.parse(path.read_text("utf-8"))
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
        for node in (n for n in ast.walk(tree) if isinstance(n, ast.Assign)):
            if _is_re(node.value) and node.value.func.attr == "compile":
                name = ast.unparse(node.targets[0])
                yield from _one(path, node.value, {c.func.attr for c in calls if ast.unparse(c.func.value) == name})
        assigned = {id(n.value) for n in ast.walk(tree) if isinstance(n, (ast.Assign, ast.Return))}
        for call in calls:
            if (
                _is_re(call)
                and call.func.attr != "escape"
                and (call.func.attr != "compile" or id(call) not in assigned)
            ):
                # What is handed on is matched from the beginning.
                yield from _one(path, call, {"match" if call.func.attr == "compile" else call.func.attr})
    from hpdsl.syntax.tables import language

    yield "hpdsl/syntax/lexer.py, the tokens", language().parser.lexer._pattern, {"finditer"}


def _is_re(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "re"


def _one(path, call, methods):
    flags = 0
    for extra in call.args[1:]:
        flags |= FLAGS.get(ast.unparse(extra).removeprefix("re."), 0)
    pattern = call.args[0]
    # Names are put into an f-string where the program runs.
    parts = pattern.values if isinstance(pattern, ast.JoinedStr) else [pattern]
    text = "".join(p.value if isinstance(p, ast.Constant) else "a|b1" for p in parts)
    if methods & METHODS:
        yield f"{path.relative_to(ROOT)}:{call.lineno}", re.compile(text, flags), methods


def measured(place, pattern, methods):
    """The row of an expression: the largest growth when the input doubles, the longest time, and for which input."""
    worst = (0.0, 0.0, "", 0)
    for method in sorted(methods & METHODS):
        run = _runner(pattern, method)
        candidates = []
        for beginning in BEGINNINGS:
            for piece in PIECES:
                for end in ENDS:
                    shape = (beginning, piece, end)
                    candidates.append((_seconds(run, shape, 1000, once=True), shape))
        candidates.sort(key=lambda c: -c[0])
        for _, shape in candidates[:5]:
            times = []
            for size in SIZES:
                times.append((size, _seconds(run, shape, size)))
                if times[-1][1] > SECONDS / 4:
                    break
            growth = max((b / a for (_, a), (_, b) in pairwise(times) if a > 5e-4), default=0.0)
            worst = max(worst, (round(growth, 1), times[-1][1], f"{method}: {_shown(shape)}", times[-1][0]))
    growth, seconds, shape, size = worst
    return place, shape, f"{size:,}", f"{1000 * seconds:.1f}", f"{growth:.1f}" if growth else "-"


def _runner(pattern, method):
    if method in ("sub", "split", "findall", "finditer"):
        return lambda text: sum(1 for _ in pattern.finditer(text))
    return getattr(pattern, method)


def _seconds(run, shape, size, once=False):
    beginning, piece, end = shape
    text = beginning + piece * (max(size - len(beginning) - len(end), 0) // len(piece)) + end
    best = SECONDS
    signal.signal(signal.SIGALRM, _stop)
    for _ in range(1 if once else 3):
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        start = time.perf_counter()
        try:
            run(text)
        except _TooLongError:
            return SECONDS
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
        best = min(best, time.perf_counter() - start)
    return max(best, 1e-7)


def _stop(number, frame):
    raise _TooLongError


def _shown(shape):
    beginning, piece, end = shape
    said = " ".join(
        part for part in (repr(beginning) if beginning else "", f"{piece!r}…", repr(end) if end else "") if part
    )
    return f"`{said}`".replace("|", "\\|").replace("``", "` `")
