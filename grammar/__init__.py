"""The concrete syntax of .hp files as data: the grammar, and its saved parse tables."""

if __name__ == "grammar":
    raise ImportError("import hpdsl.grammar; this folder is no package of its own")
