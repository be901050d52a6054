"""What `/metrics` of a process says at one moment, by name and labels."""

import urllib.request
from dataclasses import dataclass

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True)
class Scraped:
    families: dict[str, Metric]

    def samples(self, name: str, *labels: str) -> dict[tuple[str, ...], float]:
        """By the values of these labels, or of all in the order of their names."""
        bases = (name, *(name.removesuffix(tail) for tail in _TAILS))
        found = [sample for base in bases for sample in getattr(self.families.get(base), "samples", ())]
        return {
            tuple(sample.labels[label] for label in labels or sorted(sample.labels)): sample.value
            for sample in found
            if sample.name == name
        }

    def nonzero(self, name: str, *labels: str) -> dict[tuple[str, ...], float]:
        return {values: value for values, value in self.samples(name, *labels).items() if value}

    def total(self, name: str) -> float:
        return sum(self.samples(name).values())

    def only(self, name: str) -> float:
        (value,) = self.samples(name).values()
        return value


_TAILS = ("_total", "_bucket", "_count", "_sum")


def scrape(address: str) -> Scraped:
    with urllib.request.urlopen(f"http://{address}/metrics") as answer:
        text = answer.read().decode()
    return Scraped({family.name: family for family in text_string_to_metric_families(text)})
