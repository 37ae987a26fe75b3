"""The search backends, each behind the ask/tell protocol of `hpdsl.backends.base`."""

if __name__ == "backends":
    # A kernel cache written as `backends.…` would poison `hpdsl.backends.…`.
    raise ImportError("import hpdsl.backends; this folder is no package of its own")
