"""What every test may ask for: see the modules of `tests.support` that are named here."""

pytest_plugins = (
    "tests.support.cluster",
    "tests.support.operated",
    "tests.support.prometheus",
    "tests.support.rules",
    "tests.support.tools_of_the_chart",
)
