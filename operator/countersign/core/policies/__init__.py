"""Approval policies: which of them a plan is under, and what they ask for together. Everything here is arithmetic on values."""
