"""Networks that listen: the published parameters and products, valid files, what they compute."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from dfsrt.base.errors import InputError
from dfsrt.network import built_names, load_network
from dfsrt.network.built import build_network
from dfsrt.network.speech import RECIPES
from tests.helpers.graphs import built, params_of, session_of

GRU = {
    # Units and frames: thousands of bytes and millions of operations in Hello Edge's tables, of the
    # small, medium and large GRU. Bytes are parameters, frames and three gates, a byte each.
    (154, 25): (78.8, 3.8), (250, 49): (200.0, 19.2), (400, 49): (499.7, 48.4),
}  # fmt: skip


@pytest.mark.parametrize(("units", "frames"), GRU)
def test_the_keyword_spotter_has_the_published_bytes_and_operations(units, frames):
    network = load_network(f"gru-keywords:units={units}:frames={frames}")
    published_kb, published_mops = GRU[units, frames]
    weights = 3 * units * (10 + units + 1) + 12 * (units + 1)
    assert network.params == weights + 3 * units  # ONNX has a second bias for each gate
    assert round((weights + 10 * frames + 3 * units) / 1000, 1) == published_kb
    assert network.macs == frames * 3 * units * (10 + units) + 12 * units
    assert 2e-6 * network.macs == pytest.approx(published_mops, rel=0.01)


def test_the_voice_detector_has_the_published_parameters_and_products_by_hand():
    """309,633 weights of Silero's detector at 16 kHz; a chunk's spectra, convolutions, a step."""
    network = load_network("lstm-voice")
    assert network.params == 309_633
    convolutions = 4 * 128 * 3 * 129 + 2 * 64 * 3 * 128 + 64 * 3 * 64 + 128 * 3 * 64
    assert network.macs == 4 * 258 * 256 + convolutions + 512 * 256 + 128


def test_chunks_are_steps_that_wait_for_each_other():
    one, many = load_network("lstm-voice"), load_network("lstm-voice:chunks=50")
    assert (many.macs, many.params) == (50 * one.macs, one.params)
    assert [a.steps for a in many.layers if a.op == "LSTM"] == [50]
    assert {a.steps for a in many.layers if a.op != "LSTM"} == {1}


def test_chunks_in_a_row_say_what_chunks_one_by_one_do():
    rng = np.random.default_rng(0)
    weights = {}

    def filled(chunks):
        """The detector with weights drawn once, for any number of chunks."""
        model = built(f"lstm-voice:chunks={chunks}")
        sizes = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
        for node in [n for n in model.graph.node if n.op_type == "ConstantOfShape"]:
            name = node.output[0]
            if name not in weights:
                shape = tuple(sizes[node.input[0]])
                weights[name] = rng.normal(0, 0.1, shape).astype(np.float32)
            model.graph.initializer.append(onnx.numpy_helper.from_array(weights[name], name))
            model.graph.node.remove(node)
        return session_of(model)

    sound = rng.normal(0, 1, (3, 1, 576)).astype(np.float32)
    h = c = np.zeros((1, 1, 128), np.float32)
    row, *_ = filled(3).run(None, {"chunks": sound, "h.before": h, "c.before": c})
    alone = filled(1)
    for chunk, said in zip(sound, row, strict=True):
        speech, h, c = alone.run(None, {"chunks": chunk[None], "h.before": h, "c.before": c})
        assert np.allclose(speech[0], said, atol=1e-5)


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize("name", RECIPES)
def test_files_are_valid_and_small(name, precision):
    model = build_network(name, precision=precision)
    onnx.checker.check_model(model, full_check=True)
    assert model.ByteSize() < 50_000
    assert model.graph.name == name
    assert params_of(model) == load_network(name).params


@pytest.mark.parametrize("name", RECIPES)
def test_networks_run_and_answer(name):
    session = session_of(built(f"{name}:batch=2"))
    rng = np.random.default_rng(0)
    fed = {i.name: rng.random(i.shape, dtype=np.float32) for i in session.get_inputs()}
    answer, *_ = session.run(None, fed)
    assert answer.shape == {"gru-keywords": (2, 12), "lstm-voice": (2, 1, 1)}[name]
    assert np.isfinite(answer).all()


@pytest.mark.parametrize("name", RECIPES)
def test_a_batch_of_two_doubles_the_work_but_not_the_parameters(name):
    one, two = load_network(name), load_network(f"{name}:batch=2")
    assert (two.params, two.macs) == (one.params, 2 * one.macs)


def test_they_stand_on_the_shelf_of_built_networks():
    assert set(RECIPES) < set(built_names())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gru-keywords:frames=0", "frames=0 is out of range; allowed is 1 to 1024"),
        ("gru-keywords:cells=154", "unknown dimension 'cells'"),
        ("lstm-voice:chunks=5000", "chunks=5000 is out of range; allowed is 1 to 4096"),
        ("gru-keyword", "did you mean 'gru-keywords'"),
    ],
)
def test_sizes_that_cannot_be_built_are_refused(name, message):
    with pytest.raises(InputError, match=message):
        load_network(name)
