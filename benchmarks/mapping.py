"""What mapping and scheduling take: all layers of a network, nothing kept from before."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

NETWORKS = ("resnet50", "vgg19", "sd2-unet")
SCHEDULES = ("resident", "adaptive", "depth-first", "best")


def mapping() -> dict[str, Any]:
    from dfsrt.cost.choice import with_memory
    from dfsrt.device import load_device
    from dfsrt.network import load_network

    npu, costs = load_device("rk3588-npu"), {}
    for name in NETWORKS:
        network = load_network(name).as_precision("int8")
        for buffer in ("108KiB", "384KiB", "1152KiB"):
            costs[f"{name} {buffer}"] = _costs(network, with_memory(npu, buffer=buffer))
    return costs


def _costs(network: Any, npu: Any) -> dict[str, float]:
    """CPU seconds of exhaustive mapping layer by layer, and of each schedule on top of it."""
    from dfsrt.cost.memory import memory_work
    from dfsrt.cost.schedule import make_schedule
    from dfsrt.cost.schedule.planned import planned_traffic

    work = memory_work(network, npu)
    plan = make_schedule("layerwise").plan(work)
    costs = {"exhaustive_cpu_s": _cold_cpu_s(lambda: planned_traffic(work, plan))}
    for name in SCHEDULES:
        costs[f"{name}_cpu_s"] = _cold_cpu_s(lambda n=name: make_schedule(n).plan(work))
    return costs


def _cold_cpu_s(call: Callable[[], Any]) -> float:
    """Median of three calls, each without what is remembered of mappings."""
    from dfsrt.cost import layer_traffic

    spent = []
    for _ in range(3):
        layer_traffic._remembered.cache_clear()
        begin = time.process_time()
        call()
        spent.append(time.process_time() - begin)
    return sorted(spent)[1]
