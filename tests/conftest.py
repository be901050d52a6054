"""What every test may ask for: see `tests.support.cluster` and `tests.support.operated`."""

pytest_plugins = ("tests.support.cluster", "tests.support.operated")
