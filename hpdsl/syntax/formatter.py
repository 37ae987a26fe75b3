"""One style for .hp files: the text of a source with its tokens laid out anew.

- Two spaces of indentation a block; lines of at most 100 columns, comments and long strings aside.
- One space around operators (`**` and `..` too), `~`, `=` and the `:` of messages, and after that of weights.
- Modifiers and comments stand after two spaces. In a run of adjacent sentences of one kind, each on one line,
  the columns of `~` and `=`, of the first modifier, of messages, and of comments are aligned. An empty line, a
  comment on a line of its own, and a sentence of several lines end a run.
- A block stays on one line where it was written so and its sentence fits. A long sentence ends lines inside
  brackets, before operators and before modifiers; short items share lines, others have one each.
- At most one empty line in a row, none at the ends of a block. Comments stay as they are.
- Numbers are spelled as written, but for `e`; strings have double quotes where that needs no escape; names lose
  backticks they don't need. A `;` stays only inside a block on one line.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, cast

from hpdsl.diagnostics import render
from hpdsl.errors import HpdslError, SpecError
from hpdsl.source import Source, Span
from hpdsl.syntax.findings import Findings
from hpdsl.syntax.format_comments import Comments
from hpdsl.syntax.format_expressions import Expressions
from hpdsl.syntax.format_sentences import Sentences
from hpdsl.syntax.format_tree import read_statement
from hpdsl.syntax.layout import lay_out
from hpdsl.syntax.lexer import KeywordLexer
from hpdsl.syntax.parser import parse
from hpdsl.syntax.tables import language
from hpdsl.syntax.tokens import Token


class FormatError(HpdslError):
    """The formatted text would not mean the same."""


def format_source(source: Source) -> str:
    """The text of a source in the style of this module.

    Raises `SpecError` with the findings where the text has syntax errors, and `FormatError` rather than return a
    text that means something else or lacks a comment.
    """
    file, found = parse(source)
    if any(d.severity == "error" for d in found):
        raise SpecError(found, render(found))
    text, comments = _formatted(source)
    again = Source(source.name, text)
    read, refused = parse(again)
    same = not any(d.severity == "error" for d in refused) and equal(file, read)
    if not same or comments != Comments(text, _scan(again)).all:
        raise FormatError(f"{source.name}: formatting would change what the file says; it is left as it is")
    return text


def equal(one: Any, other: Any) -> bool:
    """True where two trees are equal but for their spans."""
    pairs = [(one, other)]
    while pairs:
        a, b = pairs.pop()
        if type(a) is not type(b):
            return False
        if isinstance(a, tuple):
            if len(a) != len(b):
                return False
            pairs += zip(a, b, strict=True)
        elif is_dataclass(a) and not isinstance(a, Span):
            pairs += [(getattr(a, f.name), getattr(b, f.name)) for f in fields(a)]
        elif not isinstance(a, Span) and a != b:
            return False
    return True


def _scan(source: Source) -> list[Token]:
    return _lexer().scan(source.text, Findings(source))


def _lexer() -> KeywordLexer:
    return cast(KeywordLexer, language().parser.lexer)


def _formatted(source: Source) -> tuple[str, list[str]]:
    """The new text, and the comments of the old one."""
    tokens = _scan(source)
    comments = Comments(source.text, tokens)
    statements = []
    for sentence in lay_out(tokens, Findings(source)).sentences:
        cast(Any, language()).parse(sentence)  # settles which words are keywords
        statements.append(read_statement(sentence))
    expressions = Expressions(comments, _lexer().vocabulary)
    lines = Sentences(source.text, comments, expressions).lines(statements, 0, "block", comments.end)
    return "".join(f"{line}\n" for line in lines), comments.all
