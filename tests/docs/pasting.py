"""Applies a diagnostic's help line to its text, as a reader would who copies the code in it."""

import re
from collections import Counter
from collections.abc import Iterator

from hpdsl.compiler import check_text
from hpdsl.source import Source

# What a help line writes before the code it wants to see in the text.
_LEAD = (
    r"(?:write(?: it)?(?: like)?(?: this)?|as in|such as|give it|for example|did you mean|end the range at|from| or"
    r"|[a-z0-9)`]:)"
)
# Where that code ends.
_TAIL = r"(?=$|; |, or |, and | or |, to | for | from | to |, without| on the| where | inside |, as in |, the )"
_QUOTED = re.compile(r"`([^`]+)`")
_NAME = re.compile(r"\s*(\w[\w.]*|`[^`]+`)\s*(?:\[[^\]]*\]\s*)?[~=](?!=)")
# What it writes before a list of names to choose from.
_LIST = re.compile(r"(?:known here:|\bare) (.+)$")
_DECLARED = re.compile(r"(?:^|[{;\n])\s*(`[^`]+`|\w+)(?:\[[^\]]*\])?\s*[~={](?!=)")
# A hole the reader fills in.
_FILLINGS = ("", "1", "uniform(0, 1)", "x")
# What a cure may show of the space, now that it can be judged as a whole.
_REMARKS = ("HP041", "HP046", "HP047", "HP053")
_TOKEN = r"(?:\w+|\S)"


def codes(help_line: str, sentence: str) -> Iterator[str]:
    """The pieces of code in a help line, without repeats; a hole in one may be filled with the sentence."""
    found = dict.fromkeys(_QUOTED.findall(help_line))
    for lead in re.finditer(_LEAD + r",? ", help_line):
        rest = help_line[lead.end() :]
        found[rest.strip()] = None
        for tail in re.finditer(_TAIL, rest):
            found[rest[: tail.start()].strip()] = None
    for names in _LIST.findall(help_line):
        found.update(dict.fromkeys(names.split(", ")))
    for code in found:
        plain = code[1:-1] if _QUOTED.fullmatch(code) and code[1:-1].isidentifier() else code
        for text in dict.fromkeys((code, plain)):
            if "…" in text:
                yield from (text.replace("…", filling) for filling in (*_FILLINGS, sentence))
            elif text:
                yield text
                # A call that shows names of arguments is written with values.
                yield re.sub(r"(?<=[(,])(\s*)[a-z_]+(?=[,)])", r"\g<1>1", text)


def regions(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where a reader might paste: the marked text, then what stands around it, up to its line."""
    yield start, end
    line_start, line_end = _line(text, start, end)
    left = re.search(rf"{_TOKEN}\s*$", text[line_start:start])
    right = re.match(rf"\s*{_TOKEN}", text[end:line_end])
    if left:
        yield line_start + left.start(), end
    if left and right:
        yield line_start + left.start(), end + right.end()
    # The argument it belongs to.
    opening = max((text.rfind(c, line_start, start) for c in "(,"), default=-1) + 1
    ending = min((p for p in (text.find(c, end, line_end) for c in "),") if p >= 0), default=end)
    if opening:
        yield opening + len(text[opening:start]) - len(text[opening:start].lstrip()), ending
    # The calls and brackets around it.
    depth = 0
    for at in range(start - 1, line_start - 1, -1):
        if text[at] in ")]":
            depth += 1
        elif text[at] in "([":
            depth -= 1
            if depth < 0:
                close = _closing(text, at)
                word = re.search(r"(?:int )?[\w.]*$", text[line_start:at])
                yield line_start + word.start(), close
                depth = 0
    # A sentence inside braces or before `;`, and the part of it that follows its operator.
    low = max(text.rfind(c, line_start, start) + 1 for c in "{;") or line_start
    low = max(low, line_start)
    high = min((p for p in (text.find(c, end, line_end) for c in "};") if p >= 0), default=line_end)
    operator = re.match(r"[^~=]*[~=]\s*", text[low:high])
    if operator and low + operator.end() <= start:
        yield low + operator.end(), end
        yield low + operator.end(), high
    yield start, high
    yield low, high
    yield line_start, line_end


def _line(text: str, start: int, end: int) -> tuple[int, int]:
    line_end = text.find("\n", end)
    return text.rfind("\n", 0, start) + 1, len(text) if line_end < 0 else line_end


def _closing(text: str, at: int) -> int:
    depth = 0
    for here in range(at, len(text)):
        depth += (text[here] in "([") - (text[here] in ")]")
        if depth == 0:
            return here + 1
    return len(text)


def edits(text: str, d) -> Iterator[str]:
    """The texts that following a help line can lead to."""
    start, end = d.span.start, d.span.end
    line_start, line_end = _line(text, start, end)
    yield from _told(text, d)
    sentence = text[line_start:line_end]
    name = _NAME.match(sentence)
    quote = text[start] if text[start : start + 1] in ('"', "'") else ""
    for code in codes(d.help, sentence):
        if name:
            code = re.sub(r"^name\b", name[1], code)
        if quote and quote not in code:
            code = quote + code + quote
        for low, high in dict.fromkeys(regions(text, start, end)):
            before, after = _NAME.match(text[low:high]), _NAME.match(code)
            same = before and after and after[1].strip("`") == before[1].strip("`")
            if before and low == line_start and not same and "{" not in code:
                continue  # it would rename the parameter, or forget it
            yield text[:low] + code + text[high:]
        for at in (start, end):
            yield text[:at] + " " + code + " " + text[at:]
        yield text[:line_start] + code + "\n" + text[line_start:]
        yield text[:line_end] + "\n" + code + text[line_end:]


def _told(text: str, d) -> Iterator[str]:
    """What a help line says in words, done."""
    start, end = d.span.start, d.span.end
    line_start, line_end = _line(text, start, end)

    def says(pattern: str) -> re.Match | None:
        return re.search(pattern, d.help)

    if says(r"\bremove (it|them|one|the)\b|\b(leave|leave it|leave `\w+`|leave them) out\b|\bkeep one\b|\bdrop\b"):
        yield text[:start] + text[end:]
        yield text[:line_start] + text[line_end + 1 :]
    for word in re.findall(r"(?:remove|drop) `(\w+)`", d.help):
        at = text.find(word, line_start, line_end)
        yield text[:at] + text[at + len(word) :].lstrip(" ")
    if says("newline"):
        yield text[:start] + "\n" + text[start:]
    if says("rename|another name"):
        yield text[:start] + text[start:end] + "_2" + text[end:]
    if says("ordinary space"):
        yield text[:start] + " " + text[end:]
    mark = says(r"close it with (.)") or says(r"write `(.)` where the expression ends")
    if mark:
        yield from (text[:at] + mark[1] + text[at:] for at in range(line_end, start, -1))
    if says("start of the next line|end of the line before|continue on the same line"):
        follows = re.compile(r"\s*")
        yield text[:start].rstrip() + follows.sub(" ", text[start:end]) + " " + text[end:].lstrip()
        yield text[:start].rstrip() + "\n" + text[start:end] + " " + text[end:].lstrip()
        yield text[:start].rstrip() + " " + text[start:]
    if says("move it "):
        yield from _moved(text, d)


def _moved(text: str, d) -> Iterator[str]:
    """What stands too late in its line, put before the marked words or at the top of the file."""
    start, end = d.span.start, d.span.end
    line_end = text.find("\n", start)
    part = text[start : len(text) if line_end < 0 else line_end]
    for label in d.labels:
        at = label.span.start
        if at < start:
            yield text[:at] + part + " " + text[at:start].rstrip() + text[start + len(part) :]
    yield text[start:end] + "\n" + text[:start] + text[end:]


def reduced(text: str, name: str, folder, d):
    """The fewest lines that still show a diagnostic, and it there: others must not get in the way of its cure."""
    mine = (d.code, d.message, d.help)

    def same(lines):
        return next((f for f in _check("\n".join(lines), name, folder) if (f.code, f.message, f.help) == mine), None)

    first, last = (text.count("\n", 0, at) for at in (d.span.start, d.span.end))
    lines = text.split("\n")
    errors = _wrong(_check(text, name, folder))
    for at in reversed(range(len(lines))):
        fewer = lines[:at] + lines[at + 1 :]
        if first <= at <= last or _needed(lines[at], fewer):
            continue
        found = _check("\n".join(fewer), name, folder)
        if same(fewer) and not _wrong(found) - errors:
            lines = fewer
    return "\n".join(lines), same(lines)


def _needed(line: str, others: list[str]) -> bool:
    """Whether other lines use a name that a line declares."""
    if re.match(r"\s*(?:require|forbid|assert|correlate|try|subject|fidelity|minimize|maximize|use|when)\b", line):
        return False
    names = re.findall(r"(\w+)\s*(?:\[[^\]]*\]\s*)?(?:[~=](?!=)|\{|\()", re.split(r"[~=]", line)[0] + "~")
    return any(re.search(rf"\b{name}\b", other) for name in names for other in others)


def cured(text: str, name: str, folder, d) -> str | None:
    """The first text in which a diagnostic is gone, nothing new is wrong, and every name is still declared."""
    found = _check(text, name, folder)
    before = _wrong(found)
    kept = _declared(text)
    for candidate in dict.fromkeys(edits(text, d)):
        after = _check(candidate, name, folder)
        if _like(d, after) < _like(d, found) and not _wrong(after) - before:
            lost = kept - _declared(candidate)
            if not lost or re.search(r"remove|rename|another name|keep one", d.help):
                return candidate
    return None


def _check(text: str, name: str, folder):
    return check_text(Source(name, text), folder)


def _like(d, found) -> int:
    return sum((f.code, f.message) == (d.code, d.message) for f in found)


def _wrong(found) -> Counter:
    return Counter((d.code, d.message) for d in found if d.code not in _REMARKS)


def _declared(text: str) -> set[str]:
    plain = re.sub(r"\btry \{[^}]*\}", "", text)
    return {name.strip("`") for name in _DECLARED.findall(plain)}
