"""What may come of an input: success, or an error made for users whose places lie inside its text."""

import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from corpus import LIBRARY

from hpdsl.compiler import Compilation, read
from hpdsl.diagnostics import Diagnostic, render
from hpdsl.errors import HpdslError, SpecError, UsageError
from hpdsl.interop import formats
from hpdsl.source import Source
from hpdsl.syntax import nodes
from hpdsl.syntax.formatter import FormatError, equal, format_source
from hpdsl.syntax.parser import parse

TARGETS = ("parse", "check", "fmt", "convert")
MOST_SECONDS = 2.0
_CODE = re.compile(r"HP\d{3}")
_PLACE = re.compile(r"\(line (\d+), byte")
WRITABLE = tuple(name for name, f in formats.FORMATS.items() if f.writer)


@dataclass(frozen=True)
class Input:
    """One text in a format, or the bytes of a file, and what is done with it."""

    target: str
    format: str
    data: str | bytes


class Finding(Exception):
    """What should not have come of an input."""


class TooSlow(BaseException):
    """A step took more CPU time than it may; no `except Exception` must swallow it."""


class Clock:
    """Bounds the CPU time of each step, and keeps the longest."""

    def __init__(self) -> None:
        self.longest: dict[str, float] = {}
        if hasattr(signal, "SIGPROF"):
            signal.signal(signal.SIGPROF, self._ring)

    def _ring(self, number: int, frame: object) -> None:
        raise TooSlow(f"more than {MOST_SECONDS:g} s of CPU time")

    @contextmanager
    def step(self, name: str):
        """Time a step; `TooSlow` where it takes too long."""
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
        start = time.process_time()
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self.longest[name] = max(self.longest.get(name, 0.0), time.process_time() - start)


def attempt(given: Input, clock: Clock) -> str:
    """The outcome in a word or two; raises `Finding` or what hpdsl raised where that is not allowed."""
    text = given.data
    if isinstance(text, bytes):
        with clock.step("read"):
            decoded = _decoded(text)
        if decoded is None:
            return "no text"
        text = decoded
    if given.format != "hp":
        with clock.step("convert"):
            return _foreign(text, given.format)
    source = Source("fuzz.hp", text)
    with clock.step("parse"):
        file, found = parse(source)
        _placed(found)
    readable = not any(d.severity == "error" for d in found)
    _inside(file, len(text))
    if given.target == "parse" or (not readable and given.target == "convert"):
        return "fine" if readable else "syntax errors"
    if given.target == "fmt":
        return _formatted(source, file, readable, clock)
    with clock.step("check"):
        compilation = Compilation(source, None, texts=LIBRARY)
        found = compilation.diagnostics
        _placed(found)
        whole = compilation.checked[0] is not None
        if whole == any(d.severity == "error" for d in found):
            raise Finding("a model beside errors, or neither")
    if not readable or not whole:
        return "errors" if readable else "syntax errors"
    if given.target == "convert":
        return _converted(compilation, clock)
    with clock.step("identity"):
        compilation.space.id  # noqa: B018 - computed here
    return "warnings" if found else "fine"


def _decoded(data: bytes) -> str | None:
    """The text of a file with these bytes, as `check` reads it; None where it refuses."""
    with tempfile.NamedTemporaryFile(suffix=".hp", dir=_memory()) as file:
        file.write(data)
        file.flush()
        try:
            return read(file.name).text
        except UsageError as error:
            match = _PLACE.search(str(error))
            if match is None or not 1 <= int(match[1]) <= data.count(b"\n") + 1:
                raise Finding(f"no line of the file is named: {error}") from None
            return None


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _placed(found: tuple[Diagnostic, ...]) -> None:
    """Every position is inside its text, and everything can be shown."""
    for d in found:
        if not (d.message and _CODE.fullmatch(d.code)):
            raise Finding(f"{d.code!r}: {d.message!r}")
        for source, span in [(d.source, d.span), *((m.source or d.source, m.span) for m in d.labels)]:
            if not 0 <= span.start <= span.end <= len(source.text):
                raise Finding(f"{d.code}: {span} is outside of the {len(source.text)} characters of {source.name}")
            line, column = source.position(span.start)
            if not (1 <= line <= source.text.count("\n") + 1 and 1 <= column <= len(source.line(line)) + 1):
                raise Finding(f"{d.code}: {line}:{column} is outside of {source.name}")
        d.as_dict()
    if not render(found) and found:
        raise Finding("findings without words")


def _inside(file: nodes.File, length: int) -> None:
    for sentence in file.sentences:
        if not 0 <= sentence.span.start < sentence.span.end <= length:
            raise Finding(f"a sentence at {sentence.span} of {length} characters")


def _formatted(source: Source, file: nodes.File, readable: bool, clock: Clock) -> str:
    """The laws of `fmt`: it refuses what can't be read; else neither a second time, nor tree, nor id differ."""
    try:
        with clock.step("fmt"):
            text = format_source(source)
    except FormatError as error:
        raise Finding(f"fmt: {error}") from None
    except SpecError as error:
        _placed(error.diagnostics)
        if readable:
            raise Finding("fmt refuses what the parser accepts") from None
        return "syntax errors"
    if not readable:
        raise Finding("fmt accepts what the parser refuses")
    again = Source("again.hp", text)
    if not equal(parse(again)[0], file):
        raise Finding("fmt changed the tree")
    if format_source(again) != text:
        raise Finding("fmt is not idempotent")
    before, after = (Compilation(s, None, texts=LIBRARY) for s in (source, again))
    with clock.step("check"):
        checks = before.checked[0] is not None
    if checks != (after.checked[0] is not None):
        raise Finding("fmt changed whether it checks")
    if checks and before.space.id != after.space.id:
        raise Finding("fmt changed the identity")
    return "fine" if checks else "errors"


def _converted(compilation: Compilation, clock: Clock) -> str:
    """What each format holds of a space is read again, or refused in words."""
    said = set()
    for name in WRITABLE:
        try:
            with clock.step("convert"):
                result = formats.written(compilation.space, name, lossy=True)
        except HpdslError as error:
            _told(error)
            said.add("refused")
            continue
        try:
            with clock.step("convert"):
                text, _ = formats.to_text(result.text, name)
                formats.checked(text, f"<{name} as .hp>")
        except HpdslError as error:
            _told(error)
            said.add(f"unread {name}")
        else:
            said.add("fine")
    return " and ".join(sorted(said)) if said - {"fine", "refused"} else "fine" if "fine" in said else "refused"


def _foreign(text: str, name: str) -> str:
    """A text of another format is read, or refused in words."""
    try:
        found = formats.detect(text).name
    except HpdslError as error:
        _told(error)
        found = ""
    try:
        formats.convert(text, name, "hp")
    except HpdslError as error:
        _told(error)
        return "refused"
    return "fine" if found == name else "fine, named"


def _told(error: HpdslError) -> None:
    if isinstance(error, SpecError):
        _placed(error.diagnostics)
    if not str(error):
        raise Finding("an error without words") from error


def place(error: BaseException) -> str:
    """Where and as what an error came up, which tells findings apart."""
    here = stage = ""
    trace = error.__traceback__
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        if f"{Path('hpdsl')}" in Path(path).parts and "fuzz" not in Path(path).parts:
            here = f"{Path(path).name}:{trace.tb_frame.f_code.co_name}"
            stage = Path(path).parent.name if Path(path).name != "terms.py" else stage
        trace = trace.tb_next
    kind = type(error).__name__
    if isinstance(error, Finding):
        return f"{kind} {re.sub(r'[0-9]+', 'N', str(error))[:60]}"
    # Where a bound of time or depth strikes is chance, within the stage.
    if isinstance(error, (TooSlow, RecursionError, MemoryError)):
        return f"{kind} in {stage}"
    return f"{kind} in {here}"


def outcome(given: Input, clock: Clock, found: Callable[[Input, BaseException], None]) -> str:
    """The outcome of an input; what is not allowed goes to `found`."""
    try:
        return attempt(given, clock)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        found(given, error)
        return "finding"


if __name__ == "__main__":
    for name in sys.argv[2:]:
        data = Path(name).read_bytes()
        print(name, attempt(Input(sys.argv[1], "hp", data), Clock()))
