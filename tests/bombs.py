"""Texts made to take long, to take memory, or to be misread; each with the code of its first finding, None where legal.

`test_limits.py` asserts the codes and bounds the work by counting calls; benchmarks/bombs.py measures time and memory.
"""

MANY = 100_000


def _listed(pattern: str, count: int, between: str = ", ") -> str:
    return between.join(pattern.replace("#", str(k)) for k in range(count))


NESTED = {
    "brackets": ("x = " + "(" * 5000 + "1" + ")" * 5000 + "\n", "HP017"),
    "brackets never closed": ("x = " + "([{" * 3000, "HP006"),
    "brackets never opened": ("x = " + ")]}" * 3000, "HP007"),
    "signs": ("x = " + "-" * 20_000 + "1\n", "HP017"),
    "nots": ("a ~ bool()\nb = " + "not " * 20_000 + "a\n", "HP017"),
    "towers of powers": ("x = " + "2 ** " * 5_000 + "2\n", "HP017"),
    "implications": ("a ~ bool()\nrequire " + "a => (" * 300 + "a" + ")" * 300 + "\n", "HP017"),
    "alternatives": ("a ~ bool()\nx = " + "1 if a else " * 3_000 + "2\n", "HP017"),
    "blocks": ("a ~ bool()\n" + "when a { " * 500 + "x ~ bool()" + " }" * 500 + "\n", "HP017"),
    "elses": ("a ~ bool()\nwhen a { x ~ bool() }" + " else when a { x ~ bool() }" * 3_000 + "\n", "HP017"),
    "groups": ("g { " * 500 + "x ~ bool()" + " }" * 500 + "\n", "HP017"),
    "unions": ("a ~ choice { b { " * 300 + "x ~ bool()" + " } }" * 300 + "\n", "HP017"),
    "lists": ("x ~ bool()\nrequire 1 in " + "[" * 3_000 + "1" + "]" * 3_000 + "\n", "HP017"),
    "indices": ("x[2] ~ int uniform(0, 1)\ny = " + "x[" * 3_000 + "0" + "]" * 3_000 + "\n", "HP017"),
    "calls": ("x = " + "abs(" * 3_000 + "1" + ")" * 3_000 + "\n", "HP017"),
}

LARGE = {
    "exponents": ("x ~ uniform(0, 9**9**9)\n", "HP027"),
    "huge power": ("y = 2 ** (10 ** 9)\n", "HP027"),
    "huge power of a power": ("y = (10 ** 300) ** (10 ** 300)\n", "HP027"),
    "huge integers": ("z ~ int uniform(1, 10**400)\n", "HP027"),
    "huge literal": ("z ~ uniform(0, 1e999)\n", "HP005"),
    "a literal of 10^5 digits": ("z ~ uniform(0, " + "9" * MANY + ")\n", "HP005"),
    "an exponent of 10^5 digits": ("z ~ uniform(0, 1e" + "9" * MANY + ")\n", "HP005"),
    "a fraction of 10^5 digits": ("z ~ uniform(0, 0." + "1" * MANY + ")\n", None),
    "integers beyond 2**53": ("z ~ int uniform(0, 2**60)\n", "HP026"),
    "operands": ("x ~ uniform(0, 1)\ny = " + " + ".join(["x"] * MANY) + "\n", "HP018"),
    "choices": ("x ~ choice(" + _listed("a#", 12_000) + ")\n", "HP045"),
    "10^6 choices": ("x ~ choice(" + "a, " * 1_000_000 + "b)\n", "HP018"),
    "300,000 choices": ("x ~ choice(" + "a, " * 300_000 + "b)\n", "HP018"),
    "400,000 words": ("x = " + "a " * 400_000 + "\n", "HP018"),
    "branches": ("x ~ choice {\n" + _listed("a# { y ~ bool() }", 15_000, "\n") + "\n}\n", "HP018"),
    "array length": ("x[1000000000] ~ uniform(0, 1)\n", "HP045"),
    "arrays of arrays": ("a[100] { b[100] { c[100] { x ~ uniform(0, 1) } } }\n", "HP045"),
    "parameters": (_listed("x# ~ bool()\n", 6_000, ""), "HP045"),
    "sentences": ("x = 1\n" * 30_000, "HP018"),
    "characters": ("# " + "x" * (1 << 20) + "\n", "HP018"),
    "subset": ("p ~ subset(" + _listed("a#", 500) + ")\n", "HP045"),
    "permutation": ("p ~ permutation(" + _listed("a#", 100) + ")\n", "HP045"),
    "weights": ("p[500] ~ dirichlet(1)\n", "HP045"),
    "weights of every size": (
        f"mix[{_listed('w#', 100)}] ~ dirichlet(" + ", ".join(str(0.06 + 9.9 * (k % 97)) for k in range(100)) + ")\n",
        None,
    ),
    "pairs": ("x[200] ~ int uniform(1, 300)\nrequire distinct(x)\n", "HP045"),
    "pairs of a list": (
        f"t[900] ~ uniform(0, 1)\nrequire increasing([{_listed('t[#]', 900)}])\n",
        "HP045",
    ),
    "chains": ("x ~ uniform(0, 1)\nrequire " + " < ".join(["x"] * 5_000) + "\n", "HP045"),
    "computed indices": ("x[1000] ~ uniform(0, 1)\nk ~ int uniform(0, 999)\ny[100] = x[k] + index\n", "HP045"),
    "sums of all for each": ("x[1000] ~ uniform(0, 1)\ny[1000] = sum(x) + index\n", "HP045"),
    "bounds by all for each": ("x[1000] ~ uniform(0, 1)\ny[1000] ~ uniform(0, 1 + sum(x))\n", "HP045"),
    "each in all": ("x[1000] ~ int uniform(0, 9)\ny[1000] = index in x\n", "HP045"),
    "doubling templates": (
        "space a0 { x ~ bool() }\n"
        + "".join(f"space a{i + 1} {{ l {{ use a{i} }}; r {{ use a{i} }} }}\n" for i in range(40))
        + "use a40\n",
        "HP050",
    ),
}

# Legal, or nearly so; what is hard about them must not be found out by trying.
HARD = {
    "weights beside a huge one": ("mix[chat, code, web] ~ dirichlet(4, 1e16, 1)\nrequire mix.chat >= 0.2\n", None),
    "many guarded sentences": (
        "a ~ bool()\n" + _listed("when a { x# ~ uniform(0, 1); require x# < 0.9 }\n", 300, ""),
        "HP047",
    ),
    "a long subset that is constrained": (
        "p ~ subset(" + _listed("a#", 200) + ", size = 2 .. 150)\nrequire len(p) > 3\n",
        None,
    ),
    "a list of 500 numbers": (f"x ~ int uniform(0, 9999)\nrequire x in [{_listed('#', 500)}]\n", "HP047"),
    "a list of 500 numbers forbidden": (f"x ~ int uniform(0, 9999)\nforbid x in [{_listed('#', 500)}]\n", None),
    "500 alternatives": (f"x ~ int uniform(0, 9999)\nrequire {_listed('x == #', 490, ' or ')}\n", "HP047"),
    "a decreasing array of 640": ("w[640] ~ uniform(16, 1024)\nrequire decreasing(w)\n", None),
    "a sum of 640": ("t[640] ~ uniform(0, 2)\nrequire sum(t) <= 1.5\n", None),
    "an array along a thousand": ("n ~ int uniform(0, 1000)\nw[n] ~ uniform(1, 2)\nh[n] = w[index] / 2\n", None),
    "parity of 60": (f"{_listed('b# ~ bool()', 60, chr(10))}\nrequire ({_listed('b#', 60, ' + ')}) % 2 == 0\n", None),
    "pigeons": ("h[12] ~ int uniform(1, 11)\nrequire distinct(h)\n", "HP030"),
    "queens": (
        "q[8] ~ int uniform(0, 7)\nrequire distinct(q)\n"
        + "".join(f"require abs(q[{i}] - q[{j}]) != {j - i}\n" for i in range(8) for j in range(i + 1, 8)),
        None,
    ),
    "a knapsack of primes": (
        "".join(f"k{p} ~ int uniform(0, 40)\n" for p in (101, 103, 107, 109, 113, 127, 131, 137))
        + "require "
        + " + ".join(f"{p} * k{p}" for p in (101, 103, 107, 109, 113, 127, 131, 137))
        + " == 9973\n",
        None,
    ),
    "powers of powers of a parameter": ("x ~ uniform(1, 9)\ny = x ** x ** x ** x ** x ** x\n", "HP033"),
    "Fermat": ("a[3] ~ int uniform(1, 900)\nrequire a[0] ** 3 + a[1] ** 3 == a[2] ** 3\n", None),
}

ALIKE = {
    "Cyrillic name": ("\u0430 ~ uniform(0, 1)\n", "HP002"),
    "Cyrillic letter in a prior": ("x ~ unif\u043erm(0, 1)\n", "HP002"),
    "Greek name": ("\u03bf ~ uniform(0, 1)\n", "HP002"),
    "full-width name": ("\uff58 ~ uniform(0, 1)\n", "HP002"),
    "full-width digits": ("x ~ uniform(\uff10, \uff11)\n", "HP002"),
    "Arabic digits": ("x ~ uniform(\u0660, \u0661)\n", "HP002"),
    "superscript": ("x = 2\u00b2\n", "HP002"),
    "mathematical letters": ("\U0001d4b3 ~ uniform(0, 1)\n", "HP002"),
    "a ligature": ("\ufb01 ~ uniform(0, 1)\n", "HP002"),
    "the Kelvin sign": ("\u212a ~ uniform(0, 1)\n", "HP002"),
    "a combining accent": ("e\u0301 ~ uniform(0, 1)\n", "HP002"),
    "a zero-width space": ("a\u200bb ~ uniform(0, 1)\n", "HP002"),
    "a soft hyphen": ("a\u00adb ~ uniform(0, 1)\n", "HP002"),
    "text that runs backwards": ("x ~ uniform(0, 1) # \u202e)2 ,1(\n", "HP002"),
    "an isolate in a string": ('x ~ choice("a\u2066", b)\n', "HP002"),
    "a minus that is none": ("x ~ uniform(\u22121, 1)\n", "HP010"),
    "typographic quotes": ("x ~ choice(\u201ca\u201d, b)\n", "HP002"),
    "a space that does not break": ("x\u00a0~ uniform(0, 1)\n", "HP002"),
    "NUL": ("x ~ uniform(0, 1)\0\n", "HP002"),
    "half of a character": ("x ~ choice('\ud800', b)\n", "HP002"),
    "BOM, CRLF and tabs": ("\ufeffx ~ uniform(0, 1)\r\n\ty ~ bool()\r\n", None),
}

# For every terminal of the grammar: what could make its expression go back and forth.
TERMINALS = {
    "NAME": ("a" * MANY + "\n", "HP008"),
    "NAME and digits": ("a" + "1a_" * 30_000 + " ~ bool()\n", None),
    "QUOTED, never closed": ("`" + "a " * 50_000, "HP003"),
    "QUOTED, many": ("``" * 10_000 + " ~ bool()\n", "HP003"),
    "NUMBER, exponents": ("x = 1" + "e1" * 12_000 + "\n", "HP004"),
    "NUMBER, points": ("x = 1" + ".1" * 12_000 + "\n", "HP004"),
    "NUMBER, digits and a letter": ("x = " + "1" * MANY + "x\n", "HP004"),
    "STRING, never closed": ('x = "' + "a" * MANY, "HP003"),
    "STRING, escapes never closed": ('x = "' + "\\\\" * 50_000 + "\n", "HP003"),
    "STRING, escaped ends": ('x = "' + '\\"' * 50_000, "HP003"),
    "STRING, many": ("x = " + "''" * 12_000 + "\n", "HP001"),
    "NEWLINE": ("\r\n" * MANY + ";" * MANY, None),
    "COMMENT": ("#" * MANY + "\n", None),
    "COMMENT, many": ("##\n" * MANY, None),
    "SPACE": (" \t" * MANY + "x = 1" + " \t" * MANY + "\n", None),
    "signs": ("x = 1 " + "*/<>=!" * 4_000 + "\n", "HP010"),
    "RANGE": ("x = 1 " + ".." * 12_000 + "\n", "HP010"),
}

CASES = {
    f"{kind}: {name}": case
    for kind, cases in {
        "nested": NESTED,
        "large": LARGE,
        "hard": HARD,
        "alike": ALIKE,
        "terminal": TERMINALS,
    }.items()
    for name, case in cases.items()
}
