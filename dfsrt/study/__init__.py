"""Search over governors: a study file in, the best governor out."""

from dfsrt.study.session import Tuned, tune
from dfsrt.study.study import Study, read_study

__all__ = ["Study", "Tuned", "read_study", "tune"]
