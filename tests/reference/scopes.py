"""`Scope` and `Thing`: names, the sentences that declare them, and where their expressions look names up."""

from dataclasses import fields, is_dataclass

from reference.marks import conjunction

from hpdsl.source import Source
from hpdsl.syntax import nodes
from hpdsl.syntax.parser import parse


class Unsupported(Exception):
    """What the reference leaves out."""


def tree(text):
    file, problems = parse(Source("<reference>", text))
    assert not problems
    return file.sentences


class Scope:
    """Names at one level. `path` leads here in names of codes."""

    def __init__(self, parent, path="", **aliases):
        self.parent, self.path = parent, path
        self.names, self.aliases, self.templates, self.modules = {}, aliases, {}, {}

    def find(self, kind, name):
        scope = self
        while scope is not None:
            found = getattr(scope, kind).get(name)
            if found is not None:
                return found
            scope = scope.parent
        return None


class Thing:
    """A name, with every sentence that declares it: (sentence, where its expressions look names up, its guards)."""

    def __init__(self, row, name, path):
        self.row, self.name, self.path = row, name, path
        self.occurrences = []
        self.branches = {}
        self.scope = None
        self.known = None
        self.parts = None
        self.element = False

    def present(self):
        """The sentence in force, None where there is none."""
        return next((o for o in self.occurrences if holds(o[2])), None)

    @property
    def node(self):
        return self.occurrences[0][0]

    @property
    def value(self):
        if self.known is None:
            self.known = self.row.work_out(self)
        return self.known


def holds(guards):
    return conjunction(*(g() for g in guards)) is True


def mentions(expr, name):
    """Whether an expression reads a name."""
    if isinstance(expr, nodes.Path):
        return expr.parts[0] == name
    for field in fields(expr):
        part = getattr(expr, field.name)
        for item in part if isinstance(part, tuple) else (part,):
            if is_dataclass(item) and mentions(item, name):
                return True
    return False


class Across(Exception):
    """A member is read across all elements of an array of groups."""

    def __init__(self, thing, part):
        self.thing, self.part = thing, part
