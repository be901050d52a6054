"""Countersign: plans of typed actions that run only after people have countersigned exactly that."""

__version__ = "0.1.0"
