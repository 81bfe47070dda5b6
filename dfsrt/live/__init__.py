"""Plans on real boards: what a board shows, one clock held, a governor followed; all undone.

Linux alone. Every path lies below a root, so that a recorded tree is a board, too.
"""

from dfsrt.base.lazy import lazy_names

__all__ = [
    "Backend",
    "BoardError",
    "Devfreq",
    "Nvml",
    "Powercap",
    "Reading",
    "Session",
    "Settings",
    "States",
    "Sysfs",
    "Tree",
]

__getattr__ = lazy_names(
    __name__,
    {
        "Backend": "backend",
        "BoardError": "errors",
        "Devfreq": "devfreq",
        "Nvml": "nvml",
        "Powercap": "powercap",
        "Reading": "backend",
        "Session": "session",
        "Settings": "settings",
        "States": "state",
        "Sysfs": "tree",
        "Tree": "tree",
    },
)
