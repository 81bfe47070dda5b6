"""Smaller networks: transforms of files, one after another, and what they leave of the answers."""

from dfsrt.base.verb import make_verb
from dfsrt.optimize.calibration import Calibration
from dfsrt.optimize.chain import Stage, apply_steps, load_by_steps, sized_by_steps
from dfsrt.optimize.registry import TRANSFORMS, make_transform, transform_label, transform_names
from dfsrt.optimize.steps import parse_steps, steps_text
from dfsrt.optimize.survey import survey
from dfsrt.optimize.transform import ShapeTransform, SizeTransform, Transform

__all__ = [
    "TRANSFORMS",
    "Calibration",
    "ShapeTransform",
    "SizeTransform",
    "Stage",
    "Transform",
    "apply_steps",
    "load_by_steps",
    "make_transform",
    "parse_steps",
    "sized_by_steps",
    "steps_text",
    "survey",
    "transform_label",
    "transform_names",
]

make_verb(__name__, "dfsrt.report.optimize", "optimize")
