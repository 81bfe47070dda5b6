"""Search over governors, a study file in, the best governor out; and devices fitted to boards."""

from dfsrt.study.calibration import Calibrated, Wish, calibrate
from dfsrt.study.session import Tuned, tune
from dfsrt.study.study import Study, read_study

__all__ = ["Calibrated", "Study", "Tuned", "Wish", "calibrate", "read_study", "tune"]
