"""Generated objects become templates, or are refused: no name of an installation is ever left as a constant."""

import pytest

from countersign.packaging.templates import TemplateError, chart_templates, template


def an_object(**content):
    metadata = {"name": "x", "labels": {"app.kubernetes.io/part-of": "countersign"}}
    return {"apiVersion": "v1", "kind": "Thing", "metadata": metadata, **content}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ({"namespace": "the-release-namespace"}, "namespace: {{ $.Release.Namespace | quote }}"),
        ({"names": ["the-canary-account"]}, "- {{ $.Values.serviceAccount.canary | quote }}"),
        ({"user": "sa:the-release-namespace:x"}, "user: sa:{{ $.Release.Namespace }}:x"),
        ({"cel": "a in ['the-executor-account']"}, """a in [{{ include "countersign.executors" $ }}]"""),
        ({"braces": "{{ not ours }}"}, """{{ "{{" }} not ours }}"""),
    ],
)
def test_names_become_values(content, line):
    """A whole scalar is quoted, so that a namespace called 123 stays text."""
    assert line in template([an_object(**content)])


def test_a_list_of_executors_becomes_a_loop():
    """Also when each element is an object; names alone are sorted, as the generator sorts them."""
    text = template(
        [an_object(names=["the-executor-account"], subjects=[{"kind": "A", "name": "the-executor-account"}])]
    )

    assert "{{- range sortAlpha $.Values.executors }}\n- {{ . | quote }}\n{{- end }}\n" in text
    assert "{{- range $.Values.executors }}\n- kind: A\n  name: {{ . | quote }}\n{{- end }}\n" in text


def test_an_executor_in_an_unknown_place_is_refused():
    """One name cannot be replaced by a list."""
    with pytest.raises(TemplateError, match=r"owner: the-executor-account: say in templates\.py"):
        template([an_object(owner="the-executor-account")])


def test_no_template_holds_a_name_of_the_generator():
    """Each was replaced everywhere."""
    text = "".join(chart_templates().values())

    assert not [name for name in ("the-release", "the-operator", "the-canary", "the-executor") if name in text]
