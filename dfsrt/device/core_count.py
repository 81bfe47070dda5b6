"""Cores in use: the same device with as many of its cores at work on one network."""

from __future__ import annotations

from dataclasses import replace

from dfsrt.device.npu import Npu


def on_cores(npu: Npu, used: int) -> Npu:
    """Return a device of one core in use with ``used`` of them: as ``cores=N`` in its name does.

    What flows in each core, at work or waiting, flows so often.
    """
    if npu.cores is None or used == 1:
        return npu
    silicon = npu.silicon
    leakage = tuple(replace(term, power_w=term.power_w * used) for term in silicon.leakage)
    return replace(
        npu,
        cores=replace(npu.cores, used=used),
        silicon=replace(
            silicon,
            clock_farad=silicon.clock_farad * used,
            leakage=leakage,
            fixed_w=silicon.fixed_w * used,
        ),
        idle=tuple(replace(state, power_w=state.power_w * used) for state in npu.idle),
    )
