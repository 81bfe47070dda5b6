"""What the site costs to build: ``python -m benchmarks.site``, where ``make site`` has been run."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from benchmarks.measure import process_cost
from docs.site.__main__ import OUT


def site_cost() -> dict[str, Any]:
    """Time, memory and size of one build; others want cores, too, as is said beside wall time."""
    begin = time.perf_counter()
    cpu_s, peak_mb = process_cost([sys.executable, "-m", "docs.site"])
    wall_s = time.perf_counter() - begin
    files = [path for path in (OUT / "site").rglob("*") if path.is_file()]
    return {
        "target": "built within 60 s",
        "cpu_s": round(cpu_s, 1),
        "wall_s": round(wall_s, 1),
        "wanting_a_core": round(os.getloadavg()[0]),
        "peak_mb": round(peak_mb),
        "pages": sum(path.suffix == ".html" for path in files),
        "site_mb": round(sum(path.stat().st_size for path in files) / 1e6, 1),
    }


def main() -> None:
    """Measure this alone and keep it."""
    from benchmarks.__main__ import keep_commands

    keep_commands("site", site_cost())


if __name__ == "__main__":
    main()
