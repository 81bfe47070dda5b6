"""Plans on real boards: what a board shows, one clock held, a governor followed; all undone.

Linux alone. Every path lies below a root, so that a recorded tree is a board, too.
"""

from dfsrt.live.backend import Backend, Reading
from dfsrt.live.devfreq import Devfreq
from dfsrt.live.errors import BoardError
from dfsrt.live.session import Session
from dfsrt.live.settings import Settings
from dfsrt.live.state import States
from dfsrt.live.tree import Sysfs, Tree

__all__ = [
    "Backend",
    "BoardError",
    "Devfreq",
    "Reading",
    "Session",
    "Settings",
    "States",
    "Sysfs",
    "Tree",
]
