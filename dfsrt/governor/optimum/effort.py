"""What the steps of a search take: nanoseconds of the reference machine, counted, not measured.

Source: ``benchmarks/results/2026-11-26-optimum.json``, part ``effort``.
"""

TABLE_CELL_NS = 120.0
"""A run of a layer from a moving rail, in a table."""
SETTLED_CELL_NS = 60.0
"""A run of a layer from a settled rail, in a table."""
SWEEP_ROW_NS, SWEEP_CELL_NS = 45_000.0, 13.0
"""A layer of a sweep, and each run of it for each goal."""
FOLLOW_ROW_NS, FOLLOW_RUN_NS = 90_000.0, 200.0
"""A layer of a frame that is followed, and each state in it."""
LABEL_ROW_NS, LABEL_LOOK_NS, LABEL_RUN_NS = 300_000.0, 8.0, 350.0
"""A layer of the search with exact times, each run that it looks at, and each that it takes."""
JUDGE_NS, JUDGE_LAYER_NS = 1_000_000.0, 22_000.0
"""A plan that is judged, and each of its layers."""
