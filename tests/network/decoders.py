"""Small language models as onnxruntime's builder of generative models lays them out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MS = "com.microsoft"


@dataclass(frozen=True)
class Sizes:
    """Widths of a decoder; weights of ``bits`` in blocks of ``block``."""

    width: int = 64
    heads: int = 4
    groups: int = 2
    inner: int = 96
    words: int = 40
    layers: int = 2
    bits: int = 4
    block: int = 32
    experts: int = 0

    @property
    def size(self) -> int:
        return self.width // self.heads

    @property
    def kv_width(self) -> int:
        return self.groups * self.size


class _Decoder:
    def __init__(self, sizes: Sizes) -> None:
        self.s, self.rng = sizes, np.random.default_rng(5)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def const(self, name: str, array: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def op(self, op: str, inputs, outputs, domain: str = "", **attributes) -> str:
        name = "/" + outputs[0]
        self.nodes.append(
            helper.make_node(op, inputs, outputs, name=name, domain=domain, **attributes)
        )
        return outputs[0]

    def packed(self, name: str, *shape: int) -> str:
        return self.const(name, self.rng.integers(0, 255, shape, dtype=np.uint8))

    def real(self, name: str, *shape: int) -> str:
        return self.const(name, (self.rng.normal(size=shape) / 50).astype(np.float32))

    def linear(self, x: str, name: str, k: int, n: int) -> str:
        s, blocks = self.s, -(-k // self.s.block)
        weight = self.packed(f"{name}.w", n, blocks, s.block * s.bits // 8)
        scales = self.real(f"{name}.scales", n, blocks)
        zeros = self.packed(f"{name}.zeros", n, -(-blocks * s.bits // 8))
        return self.op(
            "MatMulNBits", [x, weight, scales, zeros], [name], MS,
            K=k, N=n, bits=s.bits, block_size=s.block,
        )  # fmt: skip

    def norm(self, x: str, skip: str, name: str) -> tuple[str, str]:
        weight = self.real(f"{name}.weight", self.s.width)
        if not skip:
            self.op("SimplifiedLayerNormalization", [x, weight], [name], axis=-1, epsilon=1e-5)
            return name, x
        outputs = [name, "", "", f"{name}.sum"]
        self.op("SkipSimplifiedLayerNormalization", [x, skip, weight], outputs, MS, epsilon=1e-5)
        return name, outputs[3]

    def attention(self, x: str, i: int) -> str:
        s = self.s
        q, k, v = (
            self.linear(x, f"l{i}.{part}", s.width, n)
            for part, n in (("q", s.width), ("k", s.kv_width), ("v", s.kv_width))
        )
        out = self.op(
            "GroupQueryAttention",
            [q, k, v, f"past_key_values.{i}.key", f"past_key_values.{i}.value",
             "seqlens_k", "total", "cos", "sin"],
            [f"l{i}.attention", f"present.{i}.key", f"present.{i}.value"],
            MS, num_heads=s.heads, kv_num_heads=s.groups, do_rotary=1,
        )  # fmt: skip
        return self.linear(out, f"l{i}.o", s.width, s.width)

    def feed_forward(self, x: str, i: int) -> str:
        s = self.s
        if s.experts:
            return self.mixture(x, i)
        gate, up = (self.linear(x, f"l{i}.{part}", s.width, s.inner) for part in ("gate", "up"))
        active = self.op("Mul", [gate, self.op("Sigmoid", [gate], [f"l{i}.s"])], [f"l{i}.a"])
        return self.linear(
            self.op("Mul", [active, up], [f"l{i}.m"]), f"l{i}.down", s.inner, s.width
        )

    def mixture(self, x: str, i: int) -> str:
        s = self.s
        routes = self.linear(x, f"l{i}.router", s.width, s.experts)
        flat = self.const(f"l{i}.flat", np.array([-1, s.experts], np.int64))
        routes = self.op("Reshape", [routes, flat], [f"l{i}.routes"])
        first = self.packed(f"l{i}.fc1", s.experts, 2 * s.inner, s.width // 2)
        second = self.packed(f"l{i}.fc2", s.experts, s.width, s.inner // 2)
        scales = [
            self.real(f"l{i}.{n}s", s.experts, rows) for n, rows in
            (("fc1", 2 * s.inner), ("fc2", s.width))
        ]  # fmt: skip
        operands = [x, routes, first, scales[0], "", second, scales[1]]
        return self.op(
            "QMoE", operands, [f"l{i}.moe"], MS, k=2, expert_weight_bits=4,
            activation_type="swiglu", swiglu_fusion=1, normalize_routing_weights=1,
        )  # fmt: skip

    def build(self) -> onnx.ModelProto:
        s = self.s
        self.lengths()
        self.real("cos", 128, s.size // 2)
        self.real("sin", 128, s.size // 2)
        x = self.op("Gather", [self.real("embedding", s.words, s.width), "input_ids"], ["embedded"])
        skip = ""
        for i in range(s.layers):
            y, x = self.norm(x, skip, f"l{i}.norm")
            skip = self.attention(y, i)
            y, x = self.norm(x, skip, f"l{i}.norm2")
            skip = self.feed_forward(y, i)
        y, _ = self.norm(x, skip, "norm")
        self.linear(y, "logits", s.width, s.words)
        return self.model()

    def lengths(self) -> None:
        """Lengths out of the mask, as the builder writes them."""
        one = self.const("one", np.array([1], np.int64))
        total = self.op("ReduceSum", ["attention_mask", one], ["sum"], keepdims=1)
        last = self.op("Sub", [total, one], ["last"])
        self.op("Cast", [last], ["seqlens_k"], to=TensorProto.INT32)
        shape = self.op("Shape", ["attention_mask"], ["mask_shape"])
        whole = self.op("Gather", [shape, self.const("place", np.array(1, np.int64))], ["whole"])
        self.op("Cast", [whole], ["total"], to=TensorProto.INT32)

    def model(self) -> onnx.ModelProto:
        s, real = self.s, TensorProto.FLOAT
        info = helper.make_tensor_value_info
        inputs = [
            info("input_ids", TensorProto.INT64, ["batch", "sequence"]),
            info("attention_mask", TensorProto.INT64, ["batch", "total"]),
        ]
        outputs = [info("logits", real, ["batch", "sequence", s.words])]
        for i in range(s.layers):
            for part in ("key", "value"):
                past = ["batch", s.groups, "past", s.size]
                inputs.append(info(f"past_key_values.{i}.{part}", real, past))
                present = ["batch", s.groups, "total", s.size]
                outputs.append(info(f"present.{i}.{part}", real, present))
        graph = helper.make_graph(self.nodes, "decoder", inputs, outputs, self.constants)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid(MS, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9)


def int4_decoder(sizes: Sizes) -> onnx.ModelProto:
    """Return a decoder of weights of a few bits, with a cache for each layer."""
    return _Decoder(sizes).build()
