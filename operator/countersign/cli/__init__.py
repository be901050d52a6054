"""kubectl-countersign: what people and pipelines type. Everything that decides is elsewhere; here it is asked, shown and told."""
