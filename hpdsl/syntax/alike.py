"""Names and labels of a text that look like each other and yet are different ones."""

from __future__ import annotations

import unicodedata

from hpdsl.diagnostics import Label
from hpdsl.syntax.findings import CHARACTER, Findings, Slip
from hpdsl.syntax.tokens import Token

# Cyrillic and Greek letters that most fonts draw as they draw the Latin letter below.
_DRAWN_AS = str.maketrans(
    "аеорсухіјѕԁһԛԝѵӏАВЕКМНОРСТУХІЈЅԚԜονιΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳ",
    "aeopcyxijsdhqwvlABEKMHOPCTYXIJSQWoviABEZHIKMNOPTYXcj",
)


def warn(tokens: list[Token], findings: Findings) -> None:
    """Warn of each quoted name or label that looks like another one in the text."""
    first: dict[str, dict[str, Token]] = {}
    for token in tokens:
        if token.type not in ("NAME", "QUOTED", "STRING"):
            continue
        text = token.text if token.type == "NAME" else token.text[1:-1]
        found = first.setdefault(_drawn(text), {})
        if text not in found:
            found[text] = token
    for spellings in first.values():
        # What is plain was meant; of others, what came first.
        meant, *rest = sorted(spellings, key=lambda text: not text.isascii())
        for text in rest:
            token, other = spellings[text], spellings[meant]
            slip = Slip(
                CHARACTER,
                f"`{text}` looks like `{meant}` and is another name",
                token.span,
                _odd(text, meant),
                "write both in the same letters if they are one name, else give one a name that can be told apart",
                (Label(other.span, "this one"),),
            )
            findings.add(slip, "warning")


def _drawn(text: str) -> str:
    """The text in the plainest characters that look the same."""
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFKC", text).translate(_DRAWN_AS)
    return "".join(c for c in composed if unicodedata.category(c) != "Cf")


def _odd(text: str, meant: str) -> str:
    """What of a text is not in the one that was meant."""
    strange = next((c for c in text if c not in meant and not c.isascii()), "")
    if not strange:
        return "other characters that look the same"
    code = f"U+{ord(strange):04X}"
    return f"with {unicodedata.name(strange, '').lower()} ({code})".replace("  ", " ")
