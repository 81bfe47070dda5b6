"""Fit the shelf's power models: ``python -m dfsrt.power.ship FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from dfsrt.device import device_names, load_device
from dfsrt.device.npu import Npu
from dfsrt.files import write_atomically
from dfsrt.power.card import Card, card_text, device_digest
from dfsrt.power.features import names
from dfsrt.power.fit import CALIBRATION_SEED, SAMPLE_LAYERS, fit_model, measure_samples


def make_card(npu: Npu) -> Card:
    """Return the card of the model fitted on ``npu`` now."""
    samples = measure_samples(npu)
    model = fit_model(npu, samples=samples)
    seen = samples.watts > 0
    predicted = samples.features[seen] @ np.array(model.weights)
    return Card(
        device=npu.name,
        digest=device_digest(npu),
        trained_on=f"virtual meter, {SAMPLE_LAYERS} synthetic layers at every operating point",
        license="Apache-2.0",
        samples=int(seen.sum()),
        seed=CALIBRATION_SEED,
        mape=round(float(np.abs(predicted / samples.watts[seen] - 1).mean()), 6),
        features=list(names(npu)),
        weights=list(model.weights),
        limits="simulated device, default bin and rail, one temperature; not validated on networks",
    )


def main(folder: Path) -> None:
    """Write a card for every preset below ``folder``."""
    for name in device_names():
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        text = card_text(make_card(load_device(name)))
        write_atomically(place / "card.toml", lambda p, text=text: p.write_text(text))  # type: ignore[misc]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
