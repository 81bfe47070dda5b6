"""Rules of idle governors as scalar functions: plain Python and machine code alike."""

from dfsrt.governor.idle.rules.break_even import by_break_even
from dfsrt.governor.idle.rules.ladder import by_ladder, step_ladder
from dfsrt.governor.idle.rules.menu import by_menu, learn_menu
from dfsrt.governor.idle.rules.oracle import by_oracle
from dfsrt.governor.idle.rules.teo import by_teo, learn_teo
from dfsrt.governor.idle.rules.timeout import by_timeout

__all__ = [
    "by_break_even",
    "by_ladder",
    "by_menu",
    "by_oracle",
    "by_teo",
    "by_timeout",
    "learn_menu",
    "learn_teo",
    "step_ladder",
]
