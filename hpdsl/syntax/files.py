"""`Files`: the files that a spec imports, read once each and never from outside its folder tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from os.path import normpath
from pathlib import Path
from typing import Any

from hpdsl.diagnostics import Diagnostic, Label
from hpdsl.source import Bundle, Source, Span
from hpdsl.syntax import nodes
from hpdsl.syntax.parser import MAX_LENGTH, parse

IMPORT = "HP051"
MAX_FILES = 64
MAX_DEPTH = 16


class Files:
    """The texts of one space. `folder` is None for a spec in a string, which can't import.

    With `texts`, by path relative to the folder of the spec, nothing is read from disk.
    """

    def __init__(self, root: Source, folder: Path | None, texts: Mapping[str, str] | None = None) -> None:
        self._texts = texts
        if texts is not None:
            folder = Path("/")
        self.read: dict[str, str] = {}
        self.expanded = 0
        self.bundle = Bundle(root)
        self.folder = folder.resolve() if folder is not None and texts is None else folder
        self.found: list[Diagnostic] = []
        self._folders: list[tuple[int, Path | None]] = [(0, self.folder)]
        self._files: dict[Path, nodes.File | None] = {}
        self._offsets: dict[Path, int] = {}
        self._importers: dict[Path, Path | None] = {}
        self._root: Path | None = self.folder / Path(root.name).name if self.folder is not None else None

    def imported(self, node: nodes.Import, report: Any) -> nodes.File | None:
        """The tree of an imported file, its spans moved to its place in the bundle; None where it can't be had."""
        path = self._path(node, report)
        if path is None:
            return None
        if path not in self._files:
            self._files[path] = self._read(path, node, report)
        return self._files[path]

    def _path(self, node: nodes.Import, report: Any) -> Path | None:
        def refuse(message: str, note: str, help: str) -> None:
            report.error(IMPORT, message, node.file_span, note=note, help=help)

        if self.folder is None:
            refuse(
                "a spec in a string can't import files",
                "relative to which folder?",
                "load the spec from a file: hpdsl.load(path)",
            )
            return None
        name = node.file
        if "\0" in name or not name or Path(name).is_absolute() or "\\" in name or Path(name).drive:
            refuse(f"`{name}` is no relative path", "can't be imported", 'write a path such as "common/layers.hp"')
            return None
        here = next(f for o, f in reversed(self._folders) if o <= node.span.start) or self.folder
        path = here / name
        try:
            resolved = path.resolve() if self._texts is None else Path(normpath(path))
            inside = resolved.is_relative_to(self.folder)
        except (OSError, RuntimeError, ValueError):
            refuse(f"`{name}` can't be found", "no such file", "check the path for links that lead to themselves")
            return None
        if not inside:
            refuse(
                f"`{name}` lies outside the folder of the spec",
                "imports stay within its folder tree",
                "copy the file into the folder of the spec, or below it",
            )
            return None
        if self._texts is not None and resolved.relative_to(self.folder).as_posix() not in self._texts:
            refuse(f"`{name}` is not among the stored files", "no such file", "load the spec from its folder")
            return None
        if self._texts is None and not _is_file(resolved):
            near = _neighbours(path)
            refuse(f"there is no file `{name}`", f"looked in {_shown(here, self.folder)}", near)
            return None
        return resolved

    def _read(self, path: Path, node: nodes.Import, report: Any) -> nodes.File | None:
        texts = sorted(((o, p) for p, o in self._offsets.items()), reverse=True)
        importer = next((p for o, p in texts if o <= node.span.start), None)
        self._importers[path] = importer
        chain = [path]
        at = importer
        while at is not None:
            chain.append(at)
            at = self._importers.get(at)
        if path == self._root or len(chain) > MAX_DEPTH or len(self._files) >= MAX_FILES:
            if path == self._root:
                rule = "a file can't import itself"
            elif len(chain) > MAX_DEPTH:
                rule = f"imports are nested more than {MAX_DEPTH} deep"
            else:
                rule = f"a space is made of at most {MAX_FILES} files"
            report.error(IMPORT, rule, node.span, note="not imported", help="put what they share into one file")
            return None
        try:
            text = self._text(path)
        except OSError as error:
            report.error(
                IMPORT, f"`{node.file}` can't be read", node.file_span, note=str(error.strerror), help="check the file"
            )
            return None
        except UnicodeDecodeError:
            report.error(
                IMPORT, f"`{node.file}` is not valid UTF-8", node.file_span, note="not text", help="save it as UTF-8"
            )
            return None
        name = path.relative_to(self.folder or path.parent).as_posix()
        self.read[name] = text
        source = Source(name, text)
        file, found = parse(source)
        self.found.extend(found)
        offset = self.bundle.add(source)
        self._offsets[path] = offset
        self._folders.append((offset, path.parent))
        # While it is read, a file that imports it again is told so.
        self._files[path] = None
        moved: nodes.File = shifted(file, offset)
        cycle = [s for s in moved.sentences if isinstance(s, nodes.Import) and self._target(s, path) in chain]
        for again in cycle:
            report.error(
                IMPORT,
                f"`{again.file}` imports what imports it",
                again.file_span,
                note="a circle of imports",
                labels=(Label(node.file_span, "imported here"),),
                help="put what they share into a third file",
            )
        return replace(moved, sentences=tuple(s for s in moved.sentences if s not in cycle))

    def _text(self, path: Path) -> str:
        if self._texts is not None:
            return self._texts[path.relative_to(self.folder or path).as_posix()]
        with path.open("rb") as file:
            return file.read(4 * MAX_LENGTH + 4).decode("utf-8")

    def _target(self, node: nodes.Import, importer: Path) -> Path | None:
        try:
            return (importer.parent / node.file).resolve()
        except (OSError, RuntimeError, ValueError):
            return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # such as a name that no file system takes
        return False


def _shown(folder: Path, root: Path) -> str:
    return f"`{folder.name}`" if folder != root else "the folder of the spec"


def _neighbours(path: Path) -> str:
    try:
        names = sorted(p.name for p in path.parent.glob("*.hp"))
    except OSError:
        names = []
    return f"there are {', '.join(names[:8])}" if names else "write the path relative to the file that imports"


def shifted(node: Any, by: int) -> Any:
    """A syntax tree with all its spans moved."""
    if isinstance(node, Span):
        return Span(node.start + by, node.end + by)
    if isinstance(node, tuple):
        return tuple(shifted(n, by) for n in node)
    if hasattr(node, "__dataclass_fields__"):
        return type(node)(**{f.name: shifted(getattr(node, f.name), by) for f in fields(node)})
    return node
