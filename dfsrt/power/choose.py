"""Power models by name, as in ``fitted:guard=5%``."""

from __future__ import annotations

from dfsrt.device.npu import Npu
from dfsrt.errors import InputError
from dfsrt.power.linear import datasheet_model
from dfsrt.power.model import PowerModel
from dfsrt.spec import Spec, parse_spec, unknown_name
from dfsrt.units import parse_quantity

MODELS = {
    "fitted": "scikit-learn fit on a virtual meter's readings of this device",
    "datasheet": "every number of the device file taken at its word, full activity",
}


def choose_model(source: str | Spec | PowerModel, npu: Npu) -> PowerModel:
    """Return the power model that ``source`` names for ``npu``, or is.

    ``guard`` is a margin on every prediction. A model that ships for exactly this device is
    read from the shelf; for any other device it is fitted now, which takes about a second.

    Raises:
        InputError: an unknown model or option, or a guard out of range.
    """
    if not isinstance(source, str | Spec):
        return source
    spec = parse_spec(source, "power model") if isinstance(source, str) else source
    if spec.name not in MODELS:
        raise InputError(unknown_name("power model", spec.name, MODELS))
    for key in spec.options:
        if key != "guard":
            raise InputError(unknown_name(f"option of power model {spec.name}", key, ["guard"]))
    guard = _guard(spec.options.get("guard", "0"))
    return datasheet_model(npu, guard) if spec.name == "datasheet" else _fitted(npu, guard)


def _fitted(npu: Npu, guard: float) -> PowerModel:
    from dfsrt.power.card import shipped_model

    shipped = shipped_model(npu, guard)
    if shipped is not None:
        return shipped
    from dfsrt.power.fit import fit_model

    return fit_model(npu, guard)


def _guard(text: str) -> float:
    share = parse_quantity(text, "%", "guard")
    if text.strip().endswith("%"):
        share /= 100
    if not 0 <= share <= 1:
        raise InputError(f"guard '{text}' is out of range; allowed is 0 to 1, or 0% to 100%")
    return share
