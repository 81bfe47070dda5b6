"""Views with a queue, to try a governor on that sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dfsrt.governor.queue_view import QueuedRequest, QueueView, QueueWorkload, WorkStep
from dfsrt.governor.view import View

NOW_NS = 5_000_000


def with_queue(view: View, requests: tuple[QueuedRequest, ...] | None = None) -> View:
    """Return ``view`` with a queue of two workloads, and one request of each unless told."""
    middle = max(1, view.n_layers // 2)
    first, second = WorkStep(0, middle), WorkStep(view.n_layers - middle, view.n_layers)
    workloads = (
        QueueWorkload("periodic", ((first,), (first,), (first,)), 4_000_000, 3_000_000),
        QueueWorkload("rare", ((first, second), (second,), (second, WorkStep(host_ns=1_000)))),
    )
    if requests is None:
        requests = (
            QueuedRequest(0, NOW_NS - 1_000_000, NOW_NS + 2_000_000, 1, True, (first,)),
            QueuedRequest(1, NOW_NS, None, 0, False, (first, second)),
        )
    return replace(view, now_ns=NOW_NS, queue=QueueView(NOW_NS, requests, workloads))


def queued_views(views: Mapping[str, View]) -> dict[str, View]:
    """Return ``views`` with a queue, and one with queues that break careless governors."""
    plain = views["plain"]
    step = (WorkStep(0, plain.n_layers),)
    late = QueuedRequest(0, 0, NOW_NS - 1, 0, False, step)
    hosted = QueuedRequest(1, 0, NOW_NS + 9_000, 0, True, (WorkStep(host_ns=1_000),))
    odd = {"nobody here": (), "late": (late,), "on the host": (hosted,), "many": (late,) * 300}
    return {
        **{what: with_queue(view) for what, view in views.items()},
        **{what: with_queue(plain, requests) for what, requests in odd.items()},
    }
