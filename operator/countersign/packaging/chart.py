"""Every generated file of the chart, by its path in the chart. The other templates are written by hand."""

from countersign.packaging.documents import chart_yaml, readme, values_schema, values_yaml
from countersign.packaging.templates import chart_templates


def chart_files() -> dict[str, str]:
    return {
        "Chart.yaml": chart_yaml(),
        "README.md": readme(),
        "values.yaml": values_yaml(),
        "values.schema.json": values_schema(),
        **{f"templates/{name}": text for name, text in chart_templates().items()},
    }
