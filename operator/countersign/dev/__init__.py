"""A local Kubernetes without containers: what `countersign up`, `countersign down` and the tests run against."""
