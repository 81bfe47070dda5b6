"""What reports say of layers that run in another precision than the file's."""

from __future__ import annotations

from onnx import TensorProto, helper

from dfsrt import Job
from dfsrt.network import Network, from_onnx_model
from tests.network.builders import Builder

FLOAT, HALF = TensorProto.FLOAT, TensorProto.FLOAT16


def chain(*dtypes: int) -> Network:
    """Products one behind another in ``dtypes``, with casts between."""
    b = Builder(dtype=FLOAT)
    x = b.input("x", [1, 64])
    for dtype in dtypes:
        w = b.fresh("w")
        b.constants.append(helper.make_tensor(w, dtype, [64, 64], [1.0] * 4096))
        x = b.op("MatMul", b.op("Cast", x, to=dtype), w)
    return from_onnx_model(b.model(x), "t")


def test_reports_say_how_many_layers_were_converted_to_what():
    job = Job(chain(HALF, FLOAT, HALF), device="rk3588-npu", frames=1)
    report, layers = job.run().report, job.layers()
    assert report.converted_layers == layers.converted_layers
    assert list(report.converted_layers) == ["fp32 to fp16"]
    count = report.converted_layers["fp32 to fp16"]
    note = f"converted for the device: {count} layers from fp32 to fp16"
    assert note in report.notes
    assert note in layers.notes
    assert report.precision == "fp16"


def test_a_network_that_is_converted_as_a_whole_gets_no_note():
    report = Job("squeezenet", device="rk3588-npu", frames=1).run().report
    assert report.converted_layers == {"fp32 to int8": 39}
    assert not any("converted" in note for note in report.notes)


def test_layers_show_what_weights_are_stored_in_where_that_differs():
    network = chain(FLOAT).as_precision("w4a16")
    (entry,) = Job(network).layers(on_device=False).layers
    assert (entry.precision, entry.weight_precision) == ("fp16", "int4")
    assert Job(network, frames=1).run().report.precision == "fp16 (weights in int4)"
    (entry,) = Job(chain(FLOAT)).layers(on_device=False).layers
    assert entry.weight_precision is None
