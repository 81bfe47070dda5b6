"""Measure what predicting every layer of a large network takes, and keep it.

``python -m benchmarks.predict [MODEL]``, a model of a real card by name or folder.
"""

from __future__ import annotations

import sys

from benchmarks.__main__ import keep_commands
from benchmarks.predicting import predicting
from benchmarks.unet_graph import unet_graph


def main() -> None:
    model = sys.argv[1] if len(sys.argv) > 1 else "h100-sxm"
    keep_commands(
        "predict", {"predict": {"target": "cpu_s < 0.050 each", **predicting(unet_graph(), model)}}
    )


if __name__ == "__main__":
    main()
