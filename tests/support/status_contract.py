"""Placeholder: being written."""


def check_status(status, **_):
    return None
