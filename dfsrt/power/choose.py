"""Power models by name or folder, as in ``fitted:guard=5%`` or ``my-models/phone``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import NameSpec, is_there, parse_name_spec, unknown_name
from dfsrt.base.shelf import find_entry
from dfsrt.base.units import parse_share
from dfsrt.device.npu import Npu
from dfsrt.power.card import SHELF, Card, device_digest
from dfsrt.power.learned import LearnedPowerModel, of_bundle
from dfsrt.power.linear import datasheet_model
from dfsrt.power.model import PowerModel
from dfsrt.power.models import model_names, open_model

MODELS = {
    "fitted": "learned from a virtual meter's readings of this device; the shelf's, or made here",
    "datasheet": "every number of the device file taken at its word, full activity; no bound",
}


def choose_model(
    source: str | Path | NameSpec | PowerModel, npu: Npu, confidence: float | None = None
) -> PowerModel:
    """Return the power model that ``source`` names for ``npu``, or is.

    ``fitted`` is the shelf's model of exactly this device, else one made on the spot, which takes
    half a second and is kept; other names are the shelf's, and a path is a folder that
    ``dfsrt train`` wrote. ``guard`` is a margin on every prediction. With ``confidence`` the model
    predicts the bound that at most 1 - confidence of unseen layers exceed.

    Raises:
        InputError: an unknown model or option, a guard out of range, or no bound to be had.
    """
    if not isinstance(source, str | Path | NameSpec):
        return _bounded(source, confidence)
    spec = source if isinstance(source, NameSpec) else parse_name_spec(str(source), "power model")
    for key in spec.options:
        if key != "guard":
            raise InputError(unknown_name(f"option of power model {spec.name}", key, ["guard"]))
    guard = _guard(spec.options.get("guard", "0"))
    if spec.name == "datasheet":
        _check_unbounded("datasheet", confidence)
        return datasheet_model(npu, guard)
    return _learned(spec.name, npu).at(confidence, guard)


def card_of(model: str, npu: Npu) -> Card | None:
    """Return the card of the model that ``choose_model`` takes for ``model``, if it has one.

    The data sheet has none, nor has a model made on the spot.
    """
    name = parse_name_spec(model, "power model").name
    if name == "fitted":
        name = npu.silicon_name if _shipped(npu) is not None else ""
    if not name or (not is_there(Path(name), Path.is_dir) and find_entry(SHELF, name) is None):
        return None
    return open_model(name).card


def _learned(name: str, npu: Npu) -> LearnedPowerModel:
    if name == "fitted":
        return _shipped(npu) or _made_here(npu)
    if not is_there(Path(name), Path.is_dir) and find_entry(SHELF, name) is None:
        known = [*MODELS, *model_names()]
        raise InputError(unknown_name("power model", name, known) + " or give a model's folder")
    return of_bundle(open_model(name), npu, name)


def _shipped(npu: Npu) -> LearnedPowerModel | None:
    """The shelf's model of exactly this device; None where the device has changed since."""
    if find_entry(SHELF, npu.silicon_name) is None:
        return None
    bundle = open_model(npu.silicon_name)
    if bundle.card.device_digest != device_digest(npu):
        return None
    return of_bundle(bundle, npu, "fitted")


def _made_here(npu: Npu) -> LearnedPowerModel:
    from dfsrt.power.kept_fit import made_model

    return replace(made_model(npu), note=_why_made_here(npu))


def _why_made_here(npu: Npu) -> str:
    """Why the shelf's model does not do: none of that name, or one of another device."""
    name = npu.silicon_name
    card = None if find_entry(SHELF, name) is None else open_model(name).card
    if card is None or card.kind != "npu":
        of = npu.name if card is None else f"a simulated {npu.name}"
        return f"no power model is shipped for {of}: fitted here"
    shipped = card.device_digest
    return (
        f"power model fitted here: this {npu.name} differs from the one that the shipped model was "
        f"trained on (digest {device_digest(npu)[:12]}, not {shipped[:12]})"
    )


def _bounded(model: PowerModel, confidence: float | None) -> PowerModel:
    if isinstance(model, LearnedPowerModel):
        return model if confidence is None else model.at(confidence, model.guard)
    _check_unbounded(model.name, confidence)
    return model


def _check_unbounded(name: str, confidence: float | None) -> None:
    if confidence is not None:
        raise InputError(
            f"power model '{name}' has no bound, so --confidence has no meaning; "
            "use a trained model, like 'fitted', or a guard, like 'datasheet:guard=5%'"
        )


def parse_confidence(text: str | float) -> float:
    """Return a confidence such as ``"99%"`` or ``0.99`` as a share below 1.

    Raises:
        InputError: anything that is not above 0 and below 1.
    """
    share = parse_share(text, "confidence")
    if not 0 < share < 1:
        raise InputError(f"confidence '{text}' is out of range; write it like 99% or 0.99")
    return share


def _guard(text: str) -> float:
    share = parse_share(text, "guard")
    if not 0 <= share <= 1:
        raise InputError(f"guard '{text}' is out of range; allowed is 0 to 1, or 0% to 100%")
    return share
