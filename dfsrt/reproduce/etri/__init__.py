"""Chung et al., ETRI Journal 44(5), 2022: per-layer frequency scaling against DVFS.

The abstract reports +33 % FPS and -14 % energy on average over eight networks. It does not say
what the DVFS baseline does, so three readings stand side by side.
"""

from dfsrt.reproduce.etri.experiment import load_networks, reproduce
from dfsrt.reproduce.etri.outcome import PAPER_ENERGY, PAPER_FPS, READINGS, Outcome, Point
from dfsrt.reproduce.etri.report import Sensitivity
from dfsrt.reproduce.etri.setting import Setting, sensitivity

__all__ = [
    "PAPER_ENERGY",
    "PAPER_FPS",
    "READINGS",
    "Outcome",
    "Point",
    "Sensitivity",
    "Setting",
    "load_networks",
    "reproduce",
    "sensitivity",
]
