"""A model made on the spot is fitted once a device, kept, and said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dfsrt.base import keep as keeping
from dfsrt.power import fit, kept_fit
from dfsrt.power.choose import choose_model
from dfsrt.power.kept_fit import made_model
from tests.helpers.tiny import tiny_npu


@pytest.fixture
def fits(tmp_path, monkeypatch):
    """Names of devices that were fitted, in order, from an empty cache on."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(keeping, "package_digest", lambda _memory: "this version")
    kept_fit._fit_of.cache_clear()
    found = []
    fit_device = fit.fit_device
    monkeypatch.setattr(fit, "fit_device", lambda npu: found.append(npu.name) or fit_device(npu))
    yield found
    kept_fit._fit_of.cache_clear()


def forget():
    """As in a new process."""
    kept_fit._fit_of.cache_clear()


def test_a_device_is_fitted_once_and_the_kept_fit_is_the_same_to_the_last_bit(fits, capfd):
    now = made_model(tiny_npu())
    forget()
    kept = made_model(tiny_npu())
    columns = np.random.default_rng(0).uniform(0, 1, (50, 5))
    assert fits == ["tiny"]
    assert (now.watts_of(columns) == kept.watts_of(columns)).all()
    assert now.bound == kept.bound
    assert (now.valid_low == kept.valid_low).all()
    assert (now.valid_high == kept.valid_high).all()
    said = capfd.readouterr().err.splitlines()
    assert said == [f"dfsrt: fitted a power model for tiny once; kept in {kept_fit._KEEP.folder}"]


def test_runs_in_one_process_fit_once_even_where_nothing_can_be_kept(fits, monkeypatch, capfd):
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    for _ in range(3):
        made_model(tiny_npu())
    assert fits == ["tiny"]
    said = "dfsrt: fitted a power model for tiny once; not kept: Not a directory"
    assert capfd.readouterr().err.splitlines() == [said]


def test_any_number_that_changes_makes_another_model_and_texts_do_not(fits):
    npu = tiny_npu()
    hotter = replace(npu, hidden=replace(npu.hidden, temp_c=npu.hidden.temp_c + 20))
    for device in (npu, hotter, replace(npu, description="other words"), hotter):
        forget()
        choose_model("fitted", device)
    assert len(fits) == 2


def test_a_change_of_the_packages_sources_makes_another_model(fits, monkeypatch):
    made_model(tiny_npu())
    forget()
    monkeypatch.setattr(keeping, "package_digest", lambda _memory: "other")
    made_model(tiny_npu())
    assert len(fits) == 2


def test_a_damaged_fit_is_made_anew(fits):
    made_model(tiny_npu())
    (path,) = kept_fit._KEEP.folder.iterdir()
    path.write_bytes(path.read_bytes()[:-5])
    for _ in range(2):
        forget()
        made_model(tiny_npu())
    assert len(fits) == 2
