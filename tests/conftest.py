"""What every test may ask for: see `tests.support.cluster`, `tests.support.operated` and `tests.support.rules`."""

pytest_plugins = (
    "tests.support.cluster",
    "tests.support.operated",
    "tests.support.rules",
    "tests.support.tools_of_the_chart",
)
