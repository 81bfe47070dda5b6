"""This installation of dfsrt, looked over: what is there, and what is missing for what."""

from dfsrt.report.installation.look import look_over
from dfsrt.report.installation.schema import Installation
from dfsrt.report.installation.table import installation_grids

__all__ = ["Installation", "installation_grids", "look_over"]
