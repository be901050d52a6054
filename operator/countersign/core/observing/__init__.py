"""What the status of a tool, a provider or a policy is, given the object and what was found out about it.

Pure as everything in the core: `shell/observe.py` finds out and writes, one small function per kind decides here.
"""
