"""Exit codes of every command; the README prints this table."""

from __future__ import annotations

OK = 0
SPEC_ERRORS = 1
MISUSE = 2
NOTHING_FOUND = 3
TROUBLE = 4
INTERRUPTED = 130
# Not for users to expect: hpdsl itself has failed (EX_SOFTWARE of sysexits.h).
BUG = 70

MEANINGS: dict[int, str] = {
    OK: "done",
    SPEC_ERRORS: "the space has errors (with --strict: or warnings); "
    "`fmt --check`: a file would change; `diff`: the spaces differ; "
    "`test`: a promise is broken",
    MISUSE: "the command was called wrongly, or names what is not there",
    NOTHING_FOUND: "the study ended without a successful trial",
    TROUBLE: "the store can't be used, or no feasible configuration was found",
    BUG: "a bug in hpdsl; the traceback shows where",
    INTERRUPTED: "interrupted; the same command continues",
}
