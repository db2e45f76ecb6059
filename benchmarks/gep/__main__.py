"""Write the made-up county into a folder: `python -m benchmarks.gep FOLDER`, `quick` for a part."""

import sys
from pathlib import Path

from benchmarks.gep import county_case
from benchmarks.gep.county import QUICK, County

folder, *scale = sys.argv[1:]
print(county_case.write(Path(folder), QUICK if scale else County()))  # noqa: T201
