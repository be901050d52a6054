"""What may be told of an error of the API server, in logs and in the status of plans."""

from countersign.errors import ClusterError
from countersign.model.masked import masked


def said(error: ClusterError) -> str:
    """Its sentence without the values that it quotes."""
    return masked(error.message)
