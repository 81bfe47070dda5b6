"""Transforms by name: ours, those of other packages, and those in files of one's own."""

from __future__ import annotations

from dfsrt.base.plugin import PluginKind
from dfsrt.optimize.transform import Transform

TRANSFORMS: PluginKind[Transform] = PluginKind(
    noun="transform",
    method="apply",
    arguments="model, data",
    returns="a smaller onnx.ModelProto",
    group="dfsrt.transforms",
    own={
        "int4": "dfsrt.optimize.quantize:Int4",
        "int8": "dfsrt.optimize.quantize:Int8",
        "layers": "dfsrt.optimize.layers:Layers",
        "mixed": "dfsrt.optimize.quantize:Mixed",
        "prune": "dfsrt.optimize.prune:Prune",
        "share": "dfsrt.optimize.share:Share",
        "w4a8": "dfsrt.optimize.quantize:W4A8",
        "w8a16": "dfsrt.optimize.quantize:W8A16",
    },
)


def transform_names() -> tuple[str, ...]:
    """Return the names of all transforms, sorted."""
    return TRANSFORMS.names()


def make_transform(source: object) -> Transform:
    """Return the transform that ``source`` names, or is.

    Raises:
        InputError: an unknown name, a file that cannot be loaded, a parameter that does not fit, or
            an object that is no transform.
    """
    return TRANSFORMS.make(source)


def transform_label(source: object) -> str:
    """Return what reports call a transform: ``parse_steps`` reads it back.

    Raises:
        InputError: an object that is no transform.
    """
    return TRANSFORMS.label(make_transform(source)).replace("=true", "")
