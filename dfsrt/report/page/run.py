"""Pages of runs and comparisons, under the names that callers know."""

from dfsrt.report.page.comparison import comparison_page as compare_page
from dfsrt.report.page.report import report_page as run_page

__all__ = ["compare_page", "run_page"]
