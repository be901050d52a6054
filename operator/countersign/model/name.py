"""The names that Kubernetes accepts, as field types. What they let through can be the name of an object."""

from typing import Annotated

from pydantic import Field

LABEL = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"
SUBDOMAIN = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$"

Label = Annotated[str, Field(min_length=1, max_length=63, pattern=LABEL)]
"""DNS-1123 label: fits wherever a name may end up, also in a label value or a host name."""
Subdomain = Annotated[str, Field(min_length=1, max_length=253, pattern=SUBDOMAIN)]
"""DNS-1123 subdomain: the name of an object that somebody else made."""
