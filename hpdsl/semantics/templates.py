"""What a `use` sentence means: the template or file that it names, and what its arguments stand for."""

from __future__ import annotations

from hpdsl.diagnostics import Label, counted, suggest
from hpdsl.semantics.report import TEMPLATE, AbandonedError, Report
from hpdsl.semantics.scopes import Alias, Module, Scope
from hpdsl.syntax import nodes

EXPERIMENT = (nodes.Objective, nodes.Try, nodes.Fidelity, nodes.Subject)


def used(
    node: nodes.Use, inside: Scope, report: Report
) -> tuple[Scope, tuple[nodes.Formal, ...], tuple[nodes.Sentence, ...]]:
    """The scope, the formal parameters and the sentences of what is used."""
    *modules, name = node.path.parts
    scope = inside
    for part in modules:
        found = scope.find(part)
        if not isinstance(found, Module):
            raise _no_template(node, inside, report)
        found.used = True
        scope = found.scope
    template = scope.template(name) if not modules else scope.templates.get(name)
    if template is not None:
        template.used = True
        return template.scope, template.node.formals, template.node.body
    module = scope.find(name) if not modules else scope.modules.get(name)
    if isinstance(module, Module):
        module.used = True
        formals = tuple(
            nodes.Formal(g.name, g.value, g.span) for g in module.file.sentences if isinstance(g, nodes.Given)
        )
        # Inputs become arguments, and the file's own experiment stays behind.
        body = tuple(s for s in module.file.sentences if not isinstance(s, (nodes.Given, *EXPERIMENT)))
        return module.scope, formals, body
    raise _no_template(node, inside, report)


def _no_template(node: nodes.Use, scope: Scope, report: Report) -> AbandonedError:
    known: list[str] = []
    at: Scope | None = scope
    while at is not None:
        known += [*at.templates, *at.modules]
        known += [f"{m}.{t}" for m, module in at.modules.items() for t in module.scope.templates]
        at = at.parent
    near = suggest(node.path.text, known)
    return report.error(
        TEMPLATE,
        f"there is no template `{node.path.text}`",
        node.path.span,
        note="nothing declares this",
        help=f"write `use {near}`" if near else f"declare it: space {node.path.parts[-1]} {{ … }}",
    )


def bound(
    node: nodes.Use, formals: tuple[nodes.Formal, ...], home: Scope, scope: Scope, report: Report
) -> dict[str, Alias]:
    """What the names of a template stand for; an argument is read in `scope`, a default in `home`."""
    names = [f.name for f in formals]
    usage = f"use {node.path.text}({', '.join(names)})" if names else f"use {node.path.text}"
    found: dict[str, Alias] = {}
    for k, a in enumerate(node.args):
        name = a.name or (names[k] if k < len(names) else "")
        if name not in names or name in found:
            what = (
                f"no argument `{name}`" if name not in names and name else f"at most {counted(len(names), 'argument')}"
            )
            rule = f"the argument `{name}` is given twice" if name in found else f"`{node.path.text}` takes {what}"
            raise report.error(TEMPLATE, rule, a.span, note="not this one", help=f"write `{usage}`")
        found[name] = Alias(name, a.span, a.value, scope, used=True)
    for f in formals:
        if f.name in found:
            continue
        if f.default is None:
            raise report.error(
                TEMPLATE,
                f"`{node.path.text}` needs the argument `{f.name}`",
                node.span,
                note=f"`{f.name}` is missing",
                labels=(Label(f.span, "declared here"),),
                help=f"write `{usage}`",
            )
        found[f.name] = Alias(f.name, f.span, f.default, Scope(home, aliases=dict(found)), used=True)
    return found
