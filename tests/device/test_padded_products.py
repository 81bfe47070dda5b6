"""Maps between matrix products and other layers: one size in DRAM, whoever reads or writes them."""

from __future__ import annotations

from dfsrt.cost.memory import stored_layers
from dfsrt.device import load_device
from dfsrt.network import load_network


def test_what_a_layer_reads_of_a_map_is_what_another_wrote():
    layers = stored_layers(load_network("vit_b_16"), load_device("rk3588-npu"))
    written = {t.name: t.touched_bytes for a in layers for t in a.outputs}
    read = {t.name: t.touched_bytes for a in layers for t in a.inputs if t.name in written}
    scores = 4 * 12 * 197 * 197  # fp32, as the file has them
    maps = [name for name, size in written.items() if size == scores]
    assert len(maps) == 24  # of 12 blocks, before and after the softmax
    assert {read[name] for name in maps} == {scores}
