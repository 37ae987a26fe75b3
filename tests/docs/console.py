"""A page run as its reader would: files written, edits made, commands entered, and what they print compared."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
# What stands for any text within a line and, alone in a line, for any lines.
CUT = "…"


@dataclass
class Command:
    """A line that a reader enters, and what the page shows after it."""

    line: str
    shown: list[str] = field(default_factory=list)


def blocks(page: str) -> Iterator[tuple[str, str, str]]:
    """The fenced blocks of a page: language, what follows it, and body."""
    for match in _BLOCK.finditer(page):
        yield match.group(1), match.group(2), match.group(3)


def commands(body: str) -> list[Command]:
    """The commands of a `console` block."""
    found: list[Command] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:]))
        else:
            found[-1].shown.append(line)
    return found


def edited(text: str, diff: str) -> str:
    """A text with the one line of a diff replaced; the old line must stand in it once."""
    old, new = ("".join(line[1:] + "\n" for line in diff.splitlines() if line[0] == sign) for sign in "-+")
    assert text.count(old) == 1, f"the page edits what is not there:\n{old}"
    return text.replace(old, new)


def matches(shown: list[str], printed: str) -> bool:
    """Whether what was printed is what a page shows."""
    pattern = ""
    for line in shown:
        if line.strip() == CUT:
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += r"[^\n]*".join(map(re.escape, line.split(CUT))) + r"\n"
    return re.fullmatch(pattern, printed) is not None


class Shell:
    """A shell in one folder; the exit code of a command is `$?` of the next."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._code = 0
        self._environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "80",
            "NO_COLOR": "1",
        }
        # Where these are set pytest shortens nothing, unlike at a reader's desk.
        for name in [n for n in self._environment if n.startswith("PYTEST_") or n in ("CI", "BUILD_NUMBER")]:
            del self._environment[name]

    def enter(self, line: str) -> str:
        """What a command prints, on both streams."""
        result = subprocess.run(
            ["bash", "-c", f"(exit {self._code})\n{line}"],
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self._code = result.returncode
        return re.sub(r"[ \t]+$", "", result.stdout, flags=re.MULTILINE)
