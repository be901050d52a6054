"""Touching the world: requests, watches' caches, queues, clocks. It interprets what the core decides and decides nothing."""
