"""Calibration data: from files, at random, and scikit-learn's digits."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import parser
from sklearn.datasets import load_digits

from dfsrt.base.errors import InputError
from dfsrt.optimize.data import data_of, load_calibration, split
from dfsrt.optimize.source import model_with_values


def model(inputs: str = "float[1,2] x", classes: int = 3):
    text = f'<ir_version: 8, opset_import: ["" : 17]> g ({inputs}) => (float[1,{classes}] y) {{ }}'
    return parser.parse_model(text)


ROWS = np.arange(20, dtype="f4").reshape(10, 2)


def values(data):
    return [sample["x"].ravel().tolist() for sample in data.samples]


@pytest.mark.parametrize("name", ["x", "arr_0", "pictures"])
def test_a_quarter_of_an_archive_is_held_out_with_its_labels(tmp_path, name):
    labels = np.arange(10) % 3
    np.savez(tmp_path / "a.npz", **{name: ROWS, "labels": labels})
    data = load_calibration(str(tmp_path / "a.npz"), model())
    assert values(data.held_out) == ROWS[[1, 6, 9]].tolist()
    assert values(data) == ROWS[[0, 2, 3, 4, 5, 7, 8]].tolist()
    assert data.held_out.labels.tolist() == [1, 0, 0]
    assert data.labels.tolist() == labels[[0, 2, 3, 4, 5, 7, 8]].tolist()
    assert data.what == f"10 samples of {tmp_path / 'a.npz'}; 7 fitted on"


def test_the_first_samples_are_taken_and_few_are_used_for_both(tmp_path):
    np.savez(tmp_path / "a.npz", x=ROWS, labels=np.zeros(10, "i8"))
    data = load_calibration(str(tmp_path / "a.npz"), model(), 3)
    assert values(data) == ROWS[:3].tolist()
    assert data.held_out is None and data.judged_on is data and len(data.labels) == 3


def test_a_folder_has_arrays_one_by_one_and_labels_beside(tmp_path):
    for i, row in enumerate(ROWS[:5]):
        np.save(tmp_path / f"{i}.npy", row)
    (tmp_path / "readme.txt").touch()
    np.save(tmp_path / "labels.npy", np.array([[0], [1], [2], [1], [0]]))
    data = load_calibration(str(tmp_path), model())
    assert values(data) == ROWS[[0, 2, 3, 4]].tolist()
    assert (data.labels.tolist(), data.held_out.labels.tolist()) == ([0, 2, 1, 0], [1])
    assert "1 other files left out" in data.what


def test_a_folder_of_archives_has_labels_in_each(tmp_path):
    for i in range(2):
        np.savez(tmp_path / f"{i}.npz", x=ROWS[2 * i : 2 * i + 2], labels=[i, 2])
    data = load_calibration(str(tmp_path), model())
    assert (data.labels.tolist(), data.held_out.labels.tolist()) == ([0, 1, 2], [2])


def test_several_inputs_go_by_name_and_an_input_may_be_called_labels(tmp_path):
    np.savez(tmp_path / "a.npz", x=ROWS[:2], labels=np.arange(2).reshape(2, 1))
    data = load_calibration(str(tmp_path / "a.npz"), model("float[1,2] x, int64[1,1] labels"))
    assert data.labels is None
    assert [sample["labels"].item() for sample in data.samples] == [0, 1]


@pytest.mark.parametrize("period", range(2, 13))
def test_classes_in_turn_are_held_out_alike(tmp_path, period):
    labels = np.arange(1200) % period
    np.savez(tmp_path / "a.npz", x=np.zeros((1200, 2), "f4"), labels=labels)
    data = load_calibration(str(tmp_path / "a.npz"), model(classes=period))
    counts = np.bincount(data.held_out.labels, minlength=period)
    assert counts.sum() in (299, 300, 301)
    assert counts == pytest.approx(300 / period, rel=0.25)


def test_random_data_are_the_same_for_a_seed_and_say_what_they_are():
    first, again, other = (load_calibration("random", model(), 8, seed) for seed in (1, 1, 2))
    assert values(first) == values(again) != values(other)
    assert (len(first.samples), len(first.held_out.samples)) == (6, 2)
    assert first.random and first.held_out.random and "no network was trained on" in first.what
    assert len(load_calibration("random", model()).samples) == 12


def test_digits_are_those_of_scikit_learn_and_its_last_450_judge():
    data = load_calibration("digits", model_with_values("digits"), 1347)
    images, labels = load_digits(return_X_y=True)
    both = (*data.samples, *data.held_out.samples)
    assert np.array_equal([16 * s["image"].reshape(64) for s in both], images)
    assert [*data.labels, *data.held_out.labels] == labels.tolist()
    assert (len(data.samples), len(data.held_out.samples)) == (1347, 450)
    assert (data_of("digits"), data_of("resnet50")) == ("digits", None)


BAD = {
    "whole numbers for a network of reals": (
        {"x": (255 * ROWS).astype("u1")},
        r"input 'x' holds uint8.*takes float32; scale it as in training.*\(x / 255\)",
    ),
    "another shape": ({"x": ROWS.reshape(5, 4)}, r"shape \[5, 4\], and the model takes \[1, 2\]"),
    "text": ({"x": np.array(["a", "b"])}, "input 'x' is of <U1, and the model takes float32"),
    "not finite": ({"x": np.full((4, 2), np.nan)}, "not finite"),
    "another input": ({"x": ROWS, "z": ROWS}, "has x, z, and the model's inputs are x"),
    "fewer labels": ({"x": ROWS, "labels": [1]}, "has 1 labels for 10 samples"),
    "more labels": ({"x": ROWS, "labels": [1] * 11}, "has 11 labels for 10 samples"),
    "one-hot labels": ({"x": ROWS, "labels": np.eye(10)}, r"shape \[10, 10\].*numpy.argmax"),
    "labels with fractions": ({"x": ROWS, "labels": np.ones(10)}, "labels are float64; give whole"),
    "labels below 0": ({"x": ROWS, "labels": -np.ones(10, int)}, "labels are partly below 0"),
    "a class too many": (
        {"x": ROWS, "labels": [3] * 10},
        "label 3 does not fit: output 'y' tells 3 classes apart, 0 to 2",
    ),
    "no samples": ({"x": ROWS[:0]}, r"shape \[0, 2\]"),
    "nothing": ({"labels": [1]}, "has no array of an input, and the model's inputs are x"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_archives_are_one_clear_line(tmp_path, case):
    arrays, says = BAD[case]
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(InputError, match=says) as error:
        load_calibration(str(tmp_path / "a.npz"), model())
    assert "\n" not in str(error.value)


def test_sources_that_are_not_there_say_what_may_be_given(tmp_path):
    (tmp_path / "a.txt").touch()
    for source, says in (
        ("nowhere", "data 'nowhere' does not exist; give a folder"),
        (str(tmp_path / "a.txt"), "is no .npy or .npz file; give a folder"),
        (str(tmp_path), "has no .npy or .npz file"),
        (str(tmp_path / "a.npz"), "a.npz' does not exist; give a folder"),
    ):
        with pytest.raises(InputError, match=says):
            load_calibration(source, model())


def test_numbers_out_of_range_and_models_that_cannot_take_data(tmp_path):
    digits = model_with_values("digits")
    for source, given, count, says in (
        ("random", model(), 0, "samples 0 is out of range; allowed is 1"),
        ("random", model(), -3, "samples -3"),
        ("digits", digits, 1348, "samples 1348 is out of range; 'digits' has 1 to 1,347"),
        (
            "digits",
            model(),
            None,
            r"the model takes \[1, 2\] of float32 as 'x'; give --data",
        ),
        ("random", model("float[n,2] x"), None, "input 'x' has sizes that are not set"),
    ):
        with pytest.raises(InputError, match=says):
            load_calibration(source, given, count)


def test_more_data_than_memory_holds_are_refused_with_what_fits(tmp_path, monkeypatch):
    monkeypatch.setattr(split, "MAX_BYTES", 30)
    np.save(tmp_path / "a.npy", ROWS)
    with pytest.raises(InputError, match="above 30 bytes; take fewer, for example --samples 3"):
        load_calibration(str(tmp_path / "a.npy"), model())
    assert len(load_calibration(str(tmp_path / "a.npy"), model(), 3).samples) == 3
