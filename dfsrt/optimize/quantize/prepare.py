"""What comes before every quantization: the operator set, folded norms, shapes of all tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfsrt.base.errors import InputError
from dfsrt.optimize.quantize.biases import plain_biases
from dfsrt.optimize.quantize.desk import desk
from dfsrt.optimize.quantize.opset import NARROW, at_opset, tidied
from dfsrt.optimize.quantize.quiet import quiet
from dfsrt.optimize.weights import weights_of

if TYPE_CHECKING:
    import onnx

MOST_BYTES = 2**31 - 2**20
"""What the format holds in one file."""
_HALF = {10, 16}
"""Element types float16 and bfloat16, by the format's numbers."""
_QUANTIZED = {
    "DequantizeLinear", "DynamicQuantizeLinear", "ConvInteger", "MatMulInteger", "MatMulNBits",
    "QuantizeLinear", "QLinearConv", "QLinearMatMul",
}  # fmt: skip


def prepared(model: onnx.ModelProto, least_opset: int, step: str) -> onnx.ModelProto:
    """Return a copy of ``model`` that can be quantized: norms folded, the shapes of tensors known.

    Left out, networks stay unquantized in large part, silently, and their files grow. A network in
    half precision is not folded: onnxruntime would turn all of it into fp32.

    Raises:
        InputError: no weights to quantize, a quantized file, or one that cannot be prepared.
    """
    check_quantizable(model, step)
    half = any(w.tensor.data_type in _HALF for w in weights_of(model))
    ready = at_opset(model, NARROW if half else least_opset)
    _name_sums(ready)
    ready = _preprocessed(ready, fold=not half)
    plain_biases(ready)
    ready = tidied(ready, model)
    _name_nodes(ready)
    return ready


def check_quantizable(model: onnx.ModelProto, step: str) -> None:
    """Refuse a model that ``step`` cannot quantize.

    Raises:
        InputError: no weights to quantize, a quantized file, or one that is too large.
    """
    narrow = sum(node.op_type in _QUANTIZED for node in model.graph.node)
    if narrow:
        raise already_quantized(step, f"{narrow} nodes work on quantized numbers")
    if next(weights_of(model), None) is None:
        raise applies_nowhere(step)
    if model.ByteSize() > MOST_BYTES:
        raise InputError(
            f"step '{step}': the model has {model.ByteSize():,} bytes, and a file holds "
            f"{MOST_BYTES:,}; quantize its parts, or give sizes alone (a network by name)"
        )


def already_quantized(step: str, why: str) -> InputError:
    """Return the error of a network that is quantized before ``step``."""
    return InputError(
        f"step '{step}': the network is quantized already ({why}); give the file that it was "
        "made from, and one step alone that quantizes"
    )


def applies_nowhere(step: str) -> InputError:
    """Return the error of a step that no weight is there for."""
    return InputError(
        f"step '{step}' applies to no layer: no Conv, ConvTranspose, Gemm or MatMul multiplies by "
        "stored weights; give a network with weights of its own"
    )


def _name_sums(model: onnx.ModelProto) -> None:
    """Call a Sum of two an Add, which it is: onnxruntime quantizes those alone."""
    for node in model.graph.node:
        if node.op_type == "Sum" and not node.domain and len(node.input) == 2:
            node.op_type = "Add"


def _name_nodes(model: onnx.ModelProto) -> None:
    """Give nodes without a name one: onnxruntime's tool would take all of them for the same."""
    taken = {node.name for node in model.graph.node}
    for place, node in enumerate(model.graph.node):
        if not node.name:
            node.name = f"node_{place}" if f"node_{place}" not in taken else f"node_{place}_own"


def _preprocessed(model: onnx.ModelProto, fold: bool) -> onnx.ModelProto:
    import onnx
    from onnxruntime.quantization import quant_pre_process

    with desk() as folder, quiet() as errors:
        source, result = folder / "model.onnx", folder / "prepared.onnx"
        onnx.save(model, source)
        try:
            quant_pre_process(
                str(source), str(result), skip_symbolic_shape=True, skip_optimization=not fold
            )
            if not errors:  # a failed optimisation is logged alone
                return onnx.load(result)
            reason = errors[-1].strip().splitlines()[-1]
        except OSError:
            raise
        except Exception as error:  # onnxruntime raises its own kinds and bare ones
            reason = str(error)
    raise InputError(
        f"onnxruntime cannot load the model ({' '.join(reason.split())[:200]}); correct it, and "
        "try it with onnxruntime first"
    )
