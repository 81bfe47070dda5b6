"""The walk through all steps: it runs, and its file is what it says."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

import dfsrt
from dfsrt.optimize.data import load_calibration
from dfsrt.optimize.registry import transform_names
from dfsrt.optimize.source import model_with_values

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def walk():
    spec = importlib.util.spec_from_file_location("walk", EXAMPLES / "digits" / "walk.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def few():
    """Sixteen images to fit on, fifty to judge."""
    whole = load_calibration("digits", model_with_values("digits"), 16)
    return replace(whole, held_out=whole.held_out.first(50))


def test_the_walk_names_every_step_and_each_leaves_something(walk, few):
    named = {step.split(":")[0] for step in (*walk.STEPS, *walk.CHAIN.split(","))}
    assert {"int8", "w8a16", "w4a8", "int4", "mixed", "prune", "share"} <= named
    assert named <= set(transform_names())
    left = walk.alone(few, ("int8", "int4:block=32", "share:values=16"))
    assert all(each.samples == 50 and each.accuracy >= 0.9 for each in left.values())
    assert left["int8"].sqnr_db > 30 > left["int4:block=32"].sqnr_db > 10


def test_the_file_of_the_walk_has_the_same_answers_and_figures_elsewhere(walk, few, tmp_path):
    file = tmp_path / "small.onnx"
    done = walk.together(file, few)
    last = done.report.rows[-1]
    right = np.array(walk.answers(file, few)) == few.held_out.labels
    assert right.mean() == pytest.approx(last.fidelity.accuracy)
    again = dfsrt.run(str(file), device=walk.DEVICE, cap=walk.CAP).report
    assert again.fps == pytest.approx(last.fps, rel=1e-3)
    assert file.stat().st_size == last.file_bytes


def test_digits_answer_97_8_percent_of_the_test_images_in_plain_onnxruntime():
    path = Path(dfsrt.__file__).parent / "network" / "trained" / "digits.onnx"
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    pixels = (images[1347:] / 16).astype("f4").reshape(-1, 1, 1, 8, 8)
    answers = [session.run(None, {"image": image})[0].argmax() for image in pixels]
    assert (answers == labels[1347:]).sum() == 440
