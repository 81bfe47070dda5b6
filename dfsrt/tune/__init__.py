"""Search over governors: a study file in, the best governor out."""

from dfsrt.tune.session import Tuned, tune
from dfsrt.tune.study import Study, read_study

__all__ = ["Study", "Tuned", "read_study", "tune"]
