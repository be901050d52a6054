"""YAML that every parser reads alike, whoever writes it: what is generated, and what the command line prints."""

from collections.abc import Callable

import yaml


def dumper(stands_in_a_block: Callable[[str], bool]) -> type[yaml.SafeDumper]:
    """Without anchors. YAML 1.1, which kubectl reads, would take the letters y and n for true and false."""

    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            del data
            return True

    def text(made: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = "|" if stands_in_a_block(value) else '"' if value.lower() in ("y", "n") else None
        return made.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Plain.add_representer(str, text)
    return Plain
