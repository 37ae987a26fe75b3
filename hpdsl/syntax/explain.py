"""Common slips, recognised at the token where the parse stopped; each function knows one, the first wins."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from hpdsl.diagnostics import Label, suggest
from hpdsl.source import Span
from hpdsl.syntax.findings import (
    EMPTY,
    FOREIGN,
    INCOMPLETE,
    MISSPELT,
    MODIFIER,
    NAME,
    NO_PRIOR,
    TWO_SENTENCES,
    UNEXPECTED,
    Slip,
)
from hpdsl.syntax.layout import OPENERS
from hpdsl.syntax.mishap import Mishap
from hpdsl.syntax.tokens import Token

_OTHER_WORDS = {
    "if": "when", "unless": "forbid", "ensure": "require", "constraint": "require", "constrain": "require",
    "condition": "when", "where": "when", "minimise": "minimize", "maximise": "maximize", "subject_to": "subject to",
    "goal": "minimize", "objective": "minimize", "input": "given", "include": "import", "exclude": "forbid",
    "correlation": "correlate", "template": "space", "subject": "subject to",
}  # fmt: skip
_DECLARING = frozenset(
    {"let", "var", "param", "parameter", "const", "def", "val", "set", "float", "double", "real", "bool"}
)
_MODIFIERS = ("default", "when", "unit")
_CONDITIONS = frozenset({"REQUIRE", "FORBID", "ASSERT", "WHEN"})
_COMPARING = frozenset({"<", "<=", ">", ">=", "==", "!="})


def explain(m: Mishap) -> Slip:
    """What is wrong where a parse stopped, and what to write."""
    for recognise in SLIPS:
        slip = recognise(m)
        if slip is not None:
            return slip
    return m.unexpected()


# ---- the beginning of a sentence --------------------------------------------------------------------


def constant_as_name(m: Mishap) -> Slip | None:
    """`true ~ …`, `none = …`."""
    if m.place == 0 and m.text in ("true", "false", "none"):
        return Slip(NAME, f"`{m.text}` is a value and can't be a name", m.span, help="choose another name")
    return None


def strange_head(m: Mishap) -> Slip | None:
    """A sentence that begins with a modifier, a sign or a number."""
    if m.place != 0 or m.found is None or m.found.type == "RBRACE" or "REQUIRE" not in m.accepts:
        return None
    if m.text == "{":
        return Slip(UNEXPECTED, "a line begins with `{`", m.span, help="put `{` at the end of the line before")
    message = f"no sentence begins with {m.shown()}"
    return Slip(UNEXPECTED, message, m.span, help="sentences are: x ~ prior, x = expression, require condition, …")


def stray_modifier(m: Mishap) -> Slip | None:
    """`default 3` or `else { }` without the sentence it belongs to."""
    if m.place == 0 and m.text == "else":
        help = "`else { … }` follows the `}` of a `when` block"
    elif m.place == 1 and m.head.text in ("default", "unit", "step"):
        help = f"put `{m.head.text}` after the prior of its sentence"
    else:
        return None
    return Slip(MODIFIER, f"`{m.head.text}` has no sentence before it", m.head.span, help=help)


def misspelt_keyword(m: Mishap) -> Slip | None:
    """`requires x < 1`, `minimise loss`, `if x > 0 {`."""
    head = m.head
    if m.place != 1 or head.type != "NAME" or head.keyword in OPENERS or m.found is None:
        return None
    if m.text in ("~", "=", ":", ".", "==") or m.near(1) in ("~", "=") or (m.text == "(" and head.text != "if"):
        return None
    if m.text in _COMPARING:
        return None
    word = head.text
    keywords = [text for text, name in m.vocabulary.keywords.items() if name in OPENERS]
    meant = _OTHER_WORDS.get(word.lower()) or suggest(word, keywords)
    if meant is None:
        return None
    help = f"did you mean `{meant}`?"
    return Slip(MISSPELT, f"`{word}` opens no sentence", head.span, "not a word of the language", help)


def declaring_word(m: Mishap) -> Slip | None:
    """`let x = 3`, `float x ~ uniform(0, 1)`."""
    if m.place != 1 or m.found is None or not m.found.is_word or m.near(1) not in ("~", "="):
        return None
    word = m.head.text
    if word in _DECLARING or word == "int":
        shown = m.rest().replace("~ ", "~ int ", 1) if word == "int" else m.rest()
        message = f"a sentence begins with the name, not with `{word}`"
        return Slip(MISSPELT, message, m.head.span, "not needed", f"write {shown}")
    return None


def missing_operator(m: Mishap) -> Slip | None:
    """`x`, `x uniform(0, 1)`, `x : uniform(0, 1)`, `x == 3`."""
    if m.place != 1 or m.head.type not in ("NAME", "QUOTED") or m.head.keyword in OPENERS or "TILDE" not in m.accepts:
        return None
    name = m.head.text
    if m.text in _COMPARING:
        other = m.rest().removeprefix(m.text).strip()
        help = f"write require {name} {m.text} {other} for a condition"
        if m.text == "==":
            help += f", or {name} = {other} to define `{name}`"
        return Slip(FOREIGN, "a comparison is no sentence", m.span, "compares", help)
    message = f"`{name}` is neither drawn (`~`) nor defined (`=`)"
    help = f"write {name} ~ uniform(0, 1) for a parameter, or {name} = 3 for a value"
    if not m.ends:
        help = f"write {name} ~ … for a parameter, or {name} = … for a value"
    return Slip(INCOMPLETE, message, m.span, "`~` or `=` is missing here", help)


# ---- priors and modifiers ---------------------------------------------------------------------------


def no_prior(m: Mishap) -> Slip | None:
    """`x ~ 3`, `x ~ 1 .. 5`, `x ~ [a, b]`, `x ~ uniform`, `x ~ a + b`."""
    previous = m.before
    if previous is None or not {"INT", "CHOICE"} <= m.accepts | _after_name(m):
        return None
    name = m.head.text
    rest = m.rest() if previous.text == "~" else f"{previous.text} {m.rest()}"
    lo, dots, hi = (part.strip() for part in rest.partition(".."))
    if dots and lo and hi:
        help = f"write {name} ~ uniform({lo}, {hi}), or {name} ~ int uniform({lo}, {hi}) for integers"
    elif rest[:1] in ("[", "{"):
        help = f"write {name} ~ choice({rest[1:-1].strip()}) for one of several"
    else:
        help = f"write {name} = {rest} for a value that is not drawn"
    if previous.text == "~":
        if m.ends:
            return Slip(INCOMPLETE, "the prior is missing", m.span, help=f"write {name} ~ uniform(0, 1)")
        return Slip(NO_PRIOR, f"{m.shown()} begins no prior", m.span, "a prior follows `~`", help)
    if m.ends or m.text in _MODIFIERS or m.text in ("in", "step"):
        help = f"write its arguments, as in {previous.text}(0, 1)"
    return Slip(NO_PRIOR, f"`{previous.text}` is no prior", previous.span, "a prior has arguments in ( )", help)


def _after_name(m: Mishap) -> frozenset[str]:
    """What a prior's beginning accepts, where the token before is the name after `~`."""
    named = m.before is not None and m.before.type == "NAME" and m.near(-2) in ("~", "int") and m.accepts == {"LPAR"}
    return frozenset({"INT", "CHOICE"}) if named else frozenset()


def misplaced_suffix(m: Mishap) -> Slip | None:
    """`x ~ uniform(0, 1) default 0.5 step 0.1`."""
    if m.text not in ("in", "step"):
        return None
    modifier = next((t for t in m.line[: m.place] if t.type in ("DEFAULT", "WHEN", "UNIT")), None)
    if modifier is None:
        return None
    message = f"`{m.text}` belongs to the prior, before `{modifier.text}`"
    help = f"move it before `{modifier.text}`"
    return Slip(MODIFIER, message, m.span, "too late", help, (Label(modifier.span, "modifiers begin here"),))


def modifier_with_sign(m: Mishap) -> Slip | None:
    """`default = 0.5`, `unit: ms`."""
    for word, sign in ((m.text, m.near(1)), (m.near(-1), m.text)):
        if m.place > 1 and word in ("default", "unit", "step") and sign in ("=", ":", "~"):
            at = m.at if word == m.text else m.at - 1
            where = Span(m.tokens[at].start, m.tokens[at + 1].end)
            return Slip(MODIFIER, f"`{word}` takes no `{sign}`", where, help=f"write {word} {m.near(at + 2 - m.at)}")
    return None


def truncation_by_list(m: Mishap) -> Slip | None:
    """`uniform(0, 1) in [0, 1]`."""
    if m.near(-1) != "]" or "RANGE" not in m.accepts:
        return None
    opened = max((i for i, t in enumerate(m.line[: m.place]) if t.text == "["), default=0)
    if opened == 0 or m.line[opened - 1].text != "in":
        return None
    where = Span(m.line[opened].start, m.line[m.place - 1].end)
    inside = [t.text for t in m.line[opened + 1 : m.place - 1]]
    lo, hi = "".join(inside).split(",") if inside.count(",") == 1 else ("lo", "hi")
    bounds = f"in {lo} .. {hi}"
    return Slip(UNEXPECTED, "a truncation is a range", where, "this is a list", f"write {bounds}")


# ---- inside a sentence ------------------------------------------------------------------------------


def single_equals(m: Mishap) -> Slip | None:
    """`require x = 1`."""
    if m.text == "=" and m.place > 0 and (m.head.keyword in _CONDITIONS or m.near(-2) in ("when", "if", "and", "or")):
        return Slip(FOREIGN, "`=` defines a name; a comparison is `==`", m.span, "not a comparison", "write `==`")
    return None


def weight_by_equals(m: Mishap) -> Slip | None:
    """`choice(a = 3)`, `try { a: 1 }`."""
    if m.text == "=" and "COLON" in m.accepts:
        return Slip(FOREIGN, "a weight follows a colon", m.span, help=f"write {m.near(-1)}: {m.near(1)}")
    if m.text == ":" and m.accepts & {"EQUAL"} and m.begin > 1 and m.place > 0:
        return Slip(FOREIGN, "a value follows `=` here", m.span, help=f"write {m.near(-1)} = {m.near(1)}")
    return None


def empty_choice(m: Mishap) -> Slip | None:
    """`choice()`, `choice { }`."""
    opener = m.tokens[m.at - 1] if m.at > 0 else None
    if m.found is not None and m.text in (")", "}") and opener is not None and opener.text in ("(", "{") and m.at > 1:
        choice = m.tokens[m.at - 2]
        if choice.keyword == "CHOICE":
            where = Span(choice.start, m.found.end)
            help = "write choice(a, b, c)" if m.text == ")" else "write choice { a { … } b { … } }"
            return Slip(EMPTY, "a choice needs at least one item", where, "nothing to choose from", help)
    return None


def range_as_value(m: Mishap) -> Slip | None:
    """`x = 1 .. 3`, `choice(1 .. 5)`."""
    if m.text != ".." or m.place < 2:
        return None
    law = f"uniform({_joined(m.line[: m.place], -1)}, {_joined(m.line[m.place + 1 :], 1)})"
    help = f"write {law}, or int {law} for integers"
    if m.line[1].text == "=":
        help = f"write {m.head.text} ~ {law}, or {m.head.text} ~ int {law} for integers"
    return Slip(UNEXPECTED, "a range is no value here", m.span, "only after `in` and in arguments", help)


def _joined(tokens: list[Token], step: int) -> str:
    """The end of a range, as written: the tokens beside its dots up to what encloses it."""
    end: list[Token] = []
    depth = 0
    for token in tokens[::step]:
        depth += step * ((token.text in ("(", "[")) - (token.text in (")", "]")))
        if depth < 0 or (depth == 0 and token.text in (",", "=", "~")) or token.keyword in ("DEFAULT", "WHEN", "UNIT"):
            break
        end.append(token)
    end = end[::step]
    blanks = [" " if after.start > before.end else "" for before, after in pairwise(end)]
    text = "".join(token.text + blank for token, blank in zip(end, [*blanks, ""], strict=False))
    return text or ("lo" if step < 0 else "hi")


def block_less_when(m: Mishap) -> Slip | None:
    """`when x > 0` on a line of its own."""
    if m.ends and m.head.keyword == "WHEN" and "LBRACE" in m.accepts:
        help = "put { … } around what it guards; a modifier stands on the same line as its sentence"
        return Slip(INCOMPLETE, "`when` at the beginning of a line opens a block", m.span, "`{` is missing", help)
    return None


def message_without_colon(m: Mishap) -> Slip | None:
    """`require x < 1 "too large"`."""
    if m.found is not None and m.found.type == "STRING" and m.head.keyword in _CONDITIONS - {"WHEN"} and m.could_end:
        return Slip(UNEXPECTED, "a message follows a colon", m.span, help=f"write : {m.text}")
    return None


def comma_after_sentence(m: Mishap) -> Slip | None:
    """`require x < 1, y < 2`, or a comma at the end of a line."""
    if m.text != "," or not m.could_end:
        return None
    help = "remove it: a newline or `;` ends a sentence"
    if m.head.keyword in _CONDITIONS:
        help = "join conditions with `and`, or write one sentence for each"
    return Slip(UNEXPECTED, "a comma can't follow here", m.span, "the sentence is complete", help)


def missing_comma(m: Mishap) -> Slip | None:
    """`uniform(0 1)`."""
    operand = m.found is not None and (m.found.is_word or m.found.type in ("NUMBER", "STRING", "QUOTED"))
    if not operand or "COMMA" not in m.accepts or m.accepts.isdisjoint({"RPAR", "RSQB"}):
        return None
    help = f"write {m.near(-1)}, {m.text}"
    return Slip(UNEXPECTED, "a comma is missing", m.span, "the next argument begins here", help)


def two_sentences(m: Mishap) -> Slip | None:
    """`x = 1 y = 2`."""
    if m.found is None or not m.could_end or not m.found.is_word:
        return None
    if m.near(1) in ("~", "=") or m.found.keyword in OPENERS - {"WHEN"}:
        help = "put a newline or `;` between them"
        return Slip(TWO_SENTENCES, "two sentences stand on one line", m.span, "a new sentence begins here", help)
    return None


def misspelt_modifier(m: Mishap) -> Slip | None:
    """`defualt 3`, `if x > 0` after a sentence."""
    if m.found is None or m.found.type != "NAME" or not m.accepts & {"DEFAULT", "UNIT"}:
        return None
    words = [m.vocabulary.spelling[t] for t in ("DEFAULT", "UNIT", "WHEN", "STEP") if t in m.accepts]
    meant = "when" if m.text in ("if", "where") else suggest(m.text, words)
    if meant is None:
        return None
    help = f"did you mean `{meant}`?"
    return Slip(MISSPELT, f"`{m.text}` is no modifier", m.span, "not a word of the language", help)


def conditional_prior(m: Mishap) -> Slip | None:
    """`x ~ uniform(0, 1) if y > 0`."""
    if m.text == "if" and "WHEN" in m.accepts:
        return Slip(MISSPELT, "a condition on a sentence is `when`", m.span, help="write `when`")
    return None


SLIPS: tuple[Callable[[Mishap], Slip | None], ...] = (
    constant_as_name,
    stray_modifier,
    strange_head,
    modifier_with_sign,
    declaring_word,
    misspelt_keyword,
    missing_operator,
    no_prior,
    misplaced_suffix,
    truncation_by_list,
    single_equals,
    weight_by_equals,
    empty_choice,
    range_as_value,
    block_less_when,
    message_without_colon,
    comma_after_sentence,
    missing_comma,
    two_sentences,
    conditional_prior,
    misspelt_modifier,
)
