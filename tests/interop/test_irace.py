"""irace's parameter files, and the R expressions in them."""

import pytest

import hpdsl
from hpdsl.interop import from_text

FILE = """
# name       switch           type  values               [conditions]
algorithm    "--"             c     (as,mmas,ras,acs)      # the kind of ants
localsearch  "--localsearch " c     (0, 1, 2)
alpha        "--alpha "       r     (0.00, 5.00)
ants         '--ants '        i,log (5, 100)
q0           "--q0 "          r     (0.0, 1.0)           | algorithm == "acs"
rasrank      "--rasranks "    i     (1, "min(ants, 10)") | algorithm %in% c("ras", 'mmas')
half         "--half "        i     (1, ants)            | !(algorithm == "as") & localsearch != 0
level        "-l"             o     ("low", "mid level", "high")

[forbidden]
(algorithm == "as") & (localsearch == 2)
alpha > 4.5 & ants %in% c(5, 6)
2 * alpha^2 > 40 || alpha * (ants %% 7) > 20
[global]
digits = 4
"""


def test_a_file_reads_as_a_person_would_write_it():
    text = "\n".join(" ".join(line.split()) for line in from_text(FILE).splitlines())
    for line in (
        'algorithm ~ choice("as", mmas, ras, acs)',
        'level ~ ordinal(low, "mid level", high)',
        "int uniform(1, min(ants, 10))",
        "when algorithm == acs",
        "digits",
    ):
        assert line in text


def test_conditions_hold():
    for config in hpdsl.loads(from_text(FILE, "irace")).sample(2_000, seed=0):
        algorithm, search, alpha, ants = (config[k] for k in ("algorithm", "localsearch", "alpha", "ants"))
        assert ("q0" in config) == (algorithm == "acs")
        assert ("rasrank" in config) == (algorithm in ("ras", "mmas"))
        assert ("half" in config) == (algorithm != "as" and search != "0")
        assert config.get("rasrank", 1) <= min(ants, 10)
        assert not (algorithm == "as" and search == "2")
        assert not (alpha > 4.5 and ants in (5, 6))
        assert not (2 * alpha**2 > 40 or alpha * (ants % 7) > 20)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('x "-x" q (1, 2)', "line 1: `q` is no type"),
        ('x "-x" i (1, 2, 3)', "needs a lower and an upper end"),
        ('x "-x" i (3, 1)', "the lower end comes first"),
        ('x "-x" i (0.5, 1)', "are not whole"),
        ('x "-x" r,log (0, 1)', "is not positive"),
        ("x i (1, 2)", "is no parameter"),
        ('x "-x" c (a, a)', "lists a value twice"),
        ('x "-x" i (1, 2) | y == 1', "no parameter is called `y`"),
        ('x "-x" i (1, 2) | x ==', "the end is not expected"),
        ('x "-x" i (1, 2) | system("true") == 1', "has no counterpart"),
        ('x "-x" i (1, 2)\nx "-x" i (1, 2)', "line 2: the parameter `x` is declared twice"),
        ('x "-x" i (1, 2)\n[else]', "no section is called"),
        ('x "-x" i (1, 2)\n[forbidden]\n' + "(" * 5000 + "x", "nested|not expected"),
    ],
)
def test_what_is_wrong_is_said(line, message):
    with pytest.raises(hpdsl.UsageError, match=message):
        from_text(line + "\n", "irace")
