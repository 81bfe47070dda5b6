"""Work that says who does it, and takes longer than anyone waits."""

from __future__ import annotations

import os
import time
from pathlib import Path


def sleep_in(folder: str) -> None:
    """Leave a file named by this process in ``folder``, and sleep."""
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(120)
