"""What an import brings along, found out in a process of its own."""

import json
import subprocess
import sys

_PROGRAM = "import json, sys, {module}; {then}; print(json.dumps(sorted(sys.modules)), file=sys.stderr)"


def loaded_by(module: str, *, then: str = "pass") -> set[str]:
    """`then` is a statement that runs before modules are counted."""
    program = _PROGRAM.format(module=module, then=then)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(ended.stderr))
