"""A process that has imported the house, and becomes the command line once for each call.

Run as a program by ``tests.helpers.cli``. It has run nothing of the house: each call is a process
of its own, as fresh as one that a shell starts, but for the time that imports take.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import sys
import threading
import warnings
from contextlib import suppress

HEAVY = ("onnx", "numba", "scipy.stats", "matplotlib.figure", "pyarrow.parquet", "typer._adapters")


def import_the_house() -> None:
    import dfsrt

    for module in pkgutil.walk_packages(dfsrt.__path__, "dfsrt."):
        if not module.name.endswith("__main__"):
            with suppress(ImportError):
                importlib.import_module(module.name)
    for module in (
        "onnx",
        "numba",
        "scipy.stats",
        "matplotlib.figure",
        "pyarrow.parquet",
        "typer._adapters",
    ):
        importlib.import_module(module)


def become(words: list[str], cwd: str, out: str, err: str) -> None:
    """Be ``dfsrt`` with these words, as its entry point would be."""
    for name, to in ((os.devnull, 0), (out, 1), (err, 2)):
        handle = os.open(name, os.O_RDWR)
        os.dup2(handle, to)
        os.close(handle)
    os.chdir(cwd)
    sys.argv = words
    from dfsrt.cli.main import main

    try:
        main()
    except SystemExit as end:
        # What an interpreter does at its end, but for taking the imported modules apart.
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code or 0)


def serve() -> None:
    replies = os.fdopen(os.dup(1), "w")  # not inherited by what a call starts
    asked = os.fdopen(os.dup(0))
    for line in iter(asked.readline, ""):
        pid = os.fork()
        if pid == 0:
            # Not closed as objects are: their buffers belong to the process that serves.
            os.close(asked.fileno())
            os.close(replies.fileno())
            become(**json.loads(line))
        status = os.waitpid(pid, 0)[1]
        print(os.waitstatus_to_exitcode(status), file=replies, flush=True)


if __name__ == "__main__":
    sys.path.pop(0)  # a script's folder: the entry point has none
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import_the_house()
    gc.freeze()
    serve()
