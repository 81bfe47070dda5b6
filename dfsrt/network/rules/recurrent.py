"""Rules of the recurrent operators: one product for all inputs, then one a step for the states."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.base.names import unknown_name
from dfsrt.network.layer import Gemm, Kind, Operands
from dfsrt.network.recurrent import QUANTIZED, Sizes, recurrent_sizes
from dfsrt.network.rules.lane_ops import ELEMENTWISE, FUNCTION, PER_INPUT_ELEMENT
from dfsrt.network.rules.work import Call, Rule, Work

X, W, R, B, LENGTHS, P = 0, 1, 2, 3, 4, 7
"""Positions of operands."""
_PLAIN = (
    "Relu", "LeakyRelu", "ThresholdedRelu", "Tanh", "Sigmoid", "HardSigmoid", "Elu", "Softsign",
    "Softplus",
)  # fmt: skip
_FUNCTIONS = {
    **{name: ELEMENTWISE[name] for name in _PLAIN},
    "Affine": 2,
    "ScaledTanh": FUNCTION + 2,
}
"""Lane operations an element of what a gate may apply."""
_DEFAULTS = {
    "LSTM": ("Sigmoid", "Tanh", "Tanh"),
    "GRU": ("Sigmoid", "Tanh"),
    "RNN": ("Tanh",),
}


def recurrent_work(call: Call) -> Work:
    """Return the work of a recurrent node: X·W of all steps at once, then R·h step by step.

    Where sequence lengths are known, steps behind the longest do not run.

    Raises:
        NetworkError: operands or attributes contradict each other.
    """
    shapes = [None if t is None else t.shape for t in call.inputs]
    sizes = recurrent_sizes(call.node, shapes)
    steps, note = _steps(call, sizes)
    gemms = (_of_inputs(sizes, steps), *_of_states(call, sizes, steps))
    quantized = call.node.op == QUANTIZED
    # What is quantized on the way in is made in the layer, as states are: no operand.
    read = Operands(() if quantized else call.names(X), call.names(W))
    states = [Operands((), call.names(R))] * (len(gemms) - 1)
    operands = (read, *states[:-1], Operands((), call.names(R), call.output.name))
    ops = _lane_ops(call, sizes) * sizes.hidden * sizes.batch * steps
    if quantized:
        ops += PER_INPUT_ELEMENT["DynamicQuantizeLinear"] * call.input(X).elements
    known = frozenset({LENGTHS}) if call.value(LENGTHS) is not None else frozenset()
    return Work(Kind.MATRIX, gemms, operands, vector_ops=ops, settings=known, note=note)


def _of_inputs(s: Sizes, steps: int) -> Gemm:
    return Gemm(s.batch * steps, s.inputs, s.gates * s.hidden, s.directions)


def _of_states(call: Call, s: Sizes, steps: int) -> tuple[Gemm, ...]:
    """The products of a step; the hidden gate of a GRU that resets first waits for its others."""
    first = call.node.op == "GRU" and not call.node.attribute("linear_before_reset", 0)
    gates = (s.gates - 1, 1) if first else (s.gates,)
    return tuple(Gemm(s.batch, s.hidden, n * s.hidden, s.directions, max(steps, 1)) for n in gates)


def _steps(call: Call, s: Sizes) -> tuple[int, str]:
    """How many steps run, and what to say of it where only run-time values tell."""
    if call.optional(LENGTHS) is None:
        return s.steps, ""
    lengths = call.value(LENGTHS)
    if lengths is None:
        note = f"{call.node.op} '{call.node.name}' may get shorter sequences at run time"
        return s.steps, f"{note}: all {s.steps} steps are counted"
    longest = int(lengths.max(initial=0))
    if lengths.min(initial=0) < 0 or longest > s.steps:
        raise call.refuse(f"sequence_lens are {lengths.tolist()}, allowed is 0 to {s.steps}")
    return longest, ""


def _lane_ops(call: Call, s: Sizes) -> int:
    """Lane operations of one step on one element of the state, in all directions.

    Both products are added, then the biases, which are one vector; or two where a GRU needs that of
    its state apart.
    """
    op = call.node.op.removeprefix("DynamicQuantize")
    adds = s.gates * (1 + (call.optional(B) is not None))
    clip = ELEMENTWISE["Clip"] * s.gates * ("clip" in call.node.attributes)
    quantize = PER_INPUT_ELEMENT["DynamicQuantizeLinear"] * (call.node.op == QUANTIZED)
    own = {"LSTM": _lstm, "GRU": _gru, "RNN": _rnn}[op]
    rest = (adds + clip + quantize) * s.directions
    return rest + sum(own(call, functions) for functions in _functions(call, op, s.directions))


def _lstm(call: Call, functions: Sequence[int]) -> int:
    """Gates i, o, f and c; the cell's sum of two products; the state. Peepholes are three each."""
    gate, cell, state = functions
    forget = 1 if call.node.attribute("input_forget", 0) else gate
    peepholes = 2 * 3 * (call.optional(P) is not None)
    return 2 * gate + forget + cell + 3 + state + 1 + peepholes


def _gru(call: Call, functions: Sequence[int]) -> int:
    """Gates z and r, the reset, the hidden gate, and the mean of it and the state before by z."""
    gate, hidden = functions
    apart = bool(call.node.attribute("linear_before_reset", 0)) and call.optional(B) is not None
    return 2 * gate + 1 + apart + hidden + 4


def _rnn(_call: Call, functions: Sequence[int]) -> int:
    return functions[0]


def _functions(call: Call, op: str, directions: int) -> list[list[int]]:
    """Operations of an operator's functions, in each direction."""
    wanted = _DEFAULTS[op]
    names = call.node.attribute("activations", ()) or wanted * directions
    if len(names) != len(wanted) * directions:
        raise call.refuse(
            f"it has {len(names)} activations, {len(wanted)} for each of {directions} directions "
            "are meant"
        )
    known = {name.casefold(): ops for name, ops in _FUNCTIONS.items()}
    for name in names:
        if str(name).casefold() not in known:
            raise call.refuse(unknown_name("activation", str(name), tuple(_FUNCTIONS)))
    ops = [known[str(name).casefold()] for name in names]
    return [ops[i : i + len(wanted)] for i in range(0, len(ops), len(wanted))]


RECURRENT_RULES: dict[str, Rule] = dict.fromkeys(_DEFAULTS, recurrent_work)
