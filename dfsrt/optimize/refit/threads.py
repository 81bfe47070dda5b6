"""Linear algebra on one thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Let numpy's and scipy's linear algebra use one thread inside.

    On several, factors of small matrices take up to a hundred times as long where another process
    has the cores: threads wait for each other by spinning.
    """
    import scipy.linalg  # its own library must be loaded to be limited  # noqa: F401
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):
        yield
