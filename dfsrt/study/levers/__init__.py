"""Which lever pays: a ladder of named changes of a run, each alone, in order, and all but one."""

from dfsrt.study.levers.ladder import Ladder, ladder_of
from dfsrt.study.levers.lever import Lever
from dfsrt.study.levers.pulled import Pulled, pull
from dfsrt.study.levers.schema import LeversReport

__all__ = ["Ladder", "Lever", "LeversReport", "Pulled", "ladder_of", "pull"]
