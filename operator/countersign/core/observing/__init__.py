"""What the status of everything that agents use is, given the object and what was found out about it.

Pure as everything in the core: `shell/observers.py` finds out, `shell/observe.py` writes, one small module per kind decides here.
"""
