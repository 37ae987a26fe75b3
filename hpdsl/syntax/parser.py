"""`parse`: the text of a .hp file to its syntax tree, with every syntax error of the file."""

from __future__ import annotations

from typing import Any, cast

from lark import UnexpectedToken

from hpdsl.diagnostics import Diagnostic
from hpdsl.source import Source, Span
from hpdsl.syntax import nodes
from hpdsl.syntax.findings import SIZE, Findings, Slip
from hpdsl.syntax.layout import Fatal, lay_out
from hpdsl.syntax.lexer import MAX_WORDS, KeywordLexer, too_long
from hpdsl.syntax.recovery import Losses, cleaned, without_item, without_lost
from hpdsl.syntax.tables import language
from hpdsl.syntax.tokens import Token

MAX_LENGTH = 1 << 20  # characters


def parse(source: Source) -> tuple[nodes.File, tuple[Diagnostic, ...]]:
    """The tree of what parses, and the findings in the order of the text; never raises on bad text.

    Sentences with an error are left out of the tree; the names in them are its `lost_names`.
    """
    findings, losses = Findings(source), Losses()
    whole = Span(0, len(source.text))
    if whole.end > MAX_LENGTH:
        message = f"the file has {whole.end:,} characters; a .hp file may have {MAX_LENGTH:,}"
        findings.error(SIZE, message, Span(0, 0), help="split the space into smaller ones")
        return nodes.File((), "", whole), findings.all()
    lexer = cast(KeywordLexer, language().parser.lexer)
    tokens = lexer.scan(source.text, findings)
    if not source.text.isascii():
        # Loads with the first text that needs it.
        from hpdsl.syntax import alike

        alike.warn(tokens, findings)
    try:
        if findings.overflow is not None or any(e.code == SIZE for e in findings.errors):
            raise Fatal
        laid = lay_out(tokens, findings)
    except Fatal:
        losses.add_names(tokens)
        return nodes.File((), "", whole, frozenset(losses.names)), findings.all()
    sentences = []
    for outermost in laid.sentences:
        sentence = _parse_sentence(outermost, findings, losses, lexer)
        if sentence is not None:
            sentences.append(sentence)
    kept = without_lost(sentences, losses.starts) if losses.starts else tuple(sentences)
    return nodes.File(kept, laid.doc, whole, frozenset(losses.names)), findings.all()


def _parse_sentence(
    tokens: list[Token], findings: Findings, losses: Losses, lexer: KeywordLexer
) -> nodes.Sentence | None:
    """One outermost sentence without what is wrong inside it; None where nothing is left."""
    if len(tokens) > MAX_WORDS and too_long(tokens, findings):
        losses.add_names(tokens)
        return None
    tokens = cleaned(tokens, losses)
    parser: Any = language()
    while tokens and findings.overflow is None:
        try:
            return cast(nodes.Sentence, parser.parse(tokens))
        except UnexpectedToken as error:
            at = next((i for i, t in enumerate(tokens) if t is error.token), len(tokens))
            if not _follows_from_loss(tokens, at):
                # What explains errors loads with the first one.
                from hpdsl.syntax.explain import explain
                from hpdsl.syntax.mishap import Mishap

                findings.add(explain(Mishap(tokens, at, error.state, lexer.vocabulary)))
        except Slip as slip:
            at = max((i for i, t in enumerate(tokens) if t.start <= slip.span.start), default=0)
            findings.add(slip)
        tokens = without_item(tokens, at, losses)
    losses.add_names(tokens)
    return None


def _follows_from_loss(tokens: list[Token], at: int) -> bool:
    """True where a block is empty only because all it held was lost."""
    return 0 < at < len(tokens) and tokens[at].type == "RBRACE" and tokens[at - 1].thinned
