"""Starts the measurement of coverage in every Python process that .ci/run starts, before anything is imported."""

try:
    import coverage
except ImportError:  # an environment that is being set up
    pass
else:
    coverage.process_startup()
