"""A budget that is answered, as a result that shows itself and writes its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dfsrt.report.rendered import Reported
from dfsrt.report.tables import Grid
from dfsrt.study.budget.schema import BudgetReport
from dfsrt.study.budget.table import budget_grids


@dataclass(frozen=True, slots=True, repr=False)
class Answered(Reported):
    """What the NPU may draw for targets, and what a cut of each component brings."""

    report: BudgetReport

    def grids(self) -> Sequence[Grid]:
        """Return the tables of ``dfsrt budget``."""
        return budget_grids(self.report)

    def save_page(self, path: str | Path) -> None:
        """Write the report as one HTML page, self-contained.

        Raises:
            InputError: another ending than ``.html``.
            OutputError: ``path`` cannot be written.
        """
        from dfsrt.report.page import write_page
        from dfsrt.study.budget.page import budget_page

        write_page(budget_page(self.report), Path(path))
