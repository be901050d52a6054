"""Values, their schema and their documentation say the same, and the operator understands what they become."""

import json
from dataclasses import replace

import yaml

from countersign import __version__
from countersign.packaging.documents import chart_yaml, readme, values_schema, values_yaml
from countersign.packaging.values import Operator, Values
from countersign.settings import Settings, read

WHOLE = ("nodeSelector", "resources.requests", "resources.limits", "metrics.dashboard.labels")


class Asked(dict):
    """An environment that notes what is looked for in it."""

    def __init__(self):
        self.names: set[str] = set()

    def get(self, name, default=None):
        self.names.add(name)
        return default


def test_the_file_holds_the_defaults():
    """Every value is in it, so that nobody has to look elsewhere."""
    assert yaml.safe_load(values_yaml()) == Values().wire()


def test_the_file_reads_back_as_the_model():
    """Nothing in it is unknown to the schema's source."""
    assert Values.model_validate(yaml.safe_load(values_yaml())) == Values()


def test_every_value_is_documented():
    """In the README's table, with what it means; a list or map of the user's own is one value."""
    rows = [line.split("|") for line in readme().splitlines() if line.startswith("| `") and line.count("|") == 5]

    assert {row[1].strip(" `") for row in rows} == set(leaves(Values().wire()))
    assert all(row[4].strip() for row in rows)


def leaves(values, prefix=""):
    for key, value in values.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict) and value and path not in WHOLE:
            yield from leaves(value, f"{path}.")
        else:
            yield path


def test_every_object_of_the_schema_is_closed():
    """A typing error never passes for a default."""
    schema = json.loads(values_schema())

    models = [schema, *schema["$defs"].values()]
    assert all(model["additionalProperties"] is False for model in models)


def test_the_operator_can_be_set_up_completely():
    """Each setting is a value of the chart, or follows from one; if this fails, a setting is new: packaging/values.py."""
    environ = Asked()
    read(environ)
    follow = {f"COUNTERSIGN_{name}" for name in ("NAMESPACE", "ACCOUNT", "CANARY", "EXECUTORS", "HTTP_ADDRESS")}

    assert environ.names - follow == {f"COUNTERSIGN_{name.upper()}" for name in Operator.model_fields}


def test_the_defaults_of_chart_and_operator_are_the_same():
    """One truth. In a cluster there are replicas, which is not what a single process assumes."""
    environ = {f"COUNTERSIGN_{name.upper()}": written(value) for name, value in Operator()}

    assert read(environ) == replace(Settings(), leader_election=True)


def written(value):
    return ",".join(value) if isinstance(value, list) else value if isinstance(value, str) else json.dumps(value)


def test_there_is_one_version():
    """Of the package, the chart and the image."""
    chart = yaml.safe_load(chart_yaml())

    assert chart["version"] == chart["appVersion"] == __version__


def test_artifact_hub_finds_the_kinds():
    """The annotation is YAML in YAML."""
    annotations = yaml.safe_load(chart_yaml())["annotations"]

    assert "plans.countersign.dev" in [crd["name"] for crd in yaml.safe_load(annotations["artifacthub.io/crds"])]
