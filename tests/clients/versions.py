"""Which packages are installed, by their normalised names."""

import importlib.metadata
import json
import re

found = importlib.metadata.distributions()
print(json.dumps({re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower(): one.version for one in found}))
