"""`python -m hpdsl` is the command line."""

from hpdsl.cli import main

if __name__ == "__main__":
    main(prog_name="hpdsl")
