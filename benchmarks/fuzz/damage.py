"""Damage that knows no grammar: characters that look alike or break texts, flipped bits, and raw bytes."""

from random import Random

_ODD = (
    *("\x00", "\x07", "\x0b", "\x0c", "\r", "\r\n", "\n\r", "\x1b[31m", "\x7f", "\x85", "\xa0", "\xad"),
    *("\u0430", "\u0455"),
    *("\u0301", "\u200b", "\u200d", "\u200e", "\u202e", "\u2028", "\u2029", "\u2066", "\u2069", "\ufeff", "\uffff"),
    *("\ud800", "\udfff", "\uff11", "\u0663", "\u00b2", "\u2460", "\u2167", "\uff58", "\u212a", "\u017f", "\u1e9e"),
    *("\U0001f600", "\U0001d4b3", "\U000e0001", "“", "”", "≤", "−", "×", "…", "\\", "\t", "`", '"', "'", "\\u0041"),
    *(";", "#", "##", "###", "\n", "  ", "..", "...", "$", "@", "?", "~~", ":=", "&&", "λ", "π", "ﬁ", "ß", "ı", "İ"),
)
_BYTES = (
    *(b"\x00", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80"),
    *(b"\x80", b"\xe2\x80\xae", b"\xe2\x80\x8b", b"\r", b"\r\n", b"\n", b"\xc2\x85", b"\xe2\x80\xa8", b"\xf0\x9f"),
)


def characters(rng: Random, text: str) -> str:
    """A text with some odd characters in the place of others, or between them."""
    for _ in range(rng.choice((1, 1, 2, 4, 8))):
        k = rng.randrange(len(text) + 1)
        text = text[:k] + rng.choice(_ODD) + text[k + rng.choice((0, 0, 1)) :]
    if rng.random() < 0.1:
        text = text.replace("\n", rng.choice(("\r\n", "\r", "\n\r", "\n\n", ";", " ")))
    if rng.random() < 0.05:
        text = rng.choice(("\ufeff", " ", "\t")) + text
    return text


def flipped(rng: Random, data: bytes) -> bytes:
    """Bytes with bits flipped, and pieces inserted, removed or repeated."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        k = rng.randrange(len(data) + 1)
        how = rng.randrange(4)
        if how == 0 and k < len(data):
            data = data[:k] + bytes([data[k] ^ (1 << rng.randrange(8))]) + data[k + 1 :]
        elif how == 1:
            data = data[:k] + rng.choice(_BYTES) + data[k:]
        elif how == 2:
            data = data[:k] + data[k + rng.randrange(1, 9) :]
        else:
            data = data[:k] + data[k : k + rng.randrange(1, 30)] * rng.choice((2, 3)) + data[k:]
    return data


def raw(rng: Random) -> str | bytes:
    """Random bytes, random characters of all planes, or printable ones."""
    count = rng.randrange(0, 120)
    how = rng.randrange(3)
    if how == 0:
        return rng.randbytes(count)
    if how == 1:
        return "".join(chr(rng.randrange(rng.choice((128, 0x500, 0x110000)))) for _ in range(count))
    return "".join(rng.choices(" \t\n0123456789abxy_~=()[]{}.,:;<>!+-*/%\"'`#&|", k=count))
