"""When something happens: kopf's watches, and nothing else of kopf."""
