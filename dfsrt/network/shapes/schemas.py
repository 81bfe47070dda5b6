"""Schemas by which shapes are inferred: an operator's own, or a neighbour's that can do it."""

from __future__ import annotations

from functools import lru_cache

import onnx

SAME_AS_FIRST = frozenset(
    {
        "Affine",
        "Celu",
        "GroupNormalization",
        "ImageScaler",
        "MeanVarianceNormalization",
        "ParametricSoftplus",
        "Scale",
        "ScaledTanh",
        "Shrink",
        "Softplus",
        "Softsign",
    }
)
"""Standard operators whose output is as their first operand, and that no schema infers, or not all.

Those that the library does not know any more are experimental ones of operator sets before 7,
which converters wrote for years.
"""


@lru_cache(maxsize=1024)
def inference_schema(op: str, version: int, domain: str) -> onnx.defs.OpSchema | None:
    """Return the schema that infers shapes of ``op`` in operator set ``version``.

    Some versions are only a function or are marked deprecated, though their files are valid; of
    those the next version that infers answers, or else the last one before. None where there is
    no schema at all.

    Raises:
        onnx.defs.SchemaError: the operator came later than ``version``.
    """
    if not onnx.defs.has(op, domain=domain):
        return None
    own = _in_force(op, version, domain)
    if _infers(own):
        return own
    later = (v for v in _versions(op, domain) if v.since_version > version and _infers(v))
    before = (v for v in _versions(op, domain)[::-1] if v.since_version < version and _infers(v))
    return next(later, None) or next(before, None)


def first_version(op: str, domain: str) -> int:
    """Return the operator set with which ``op`` came."""
    return int(_versions(op, domain)[0].since_version)


def _in_force(op: str, version: int, domain: str) -> onnx.defs.OpSchema:
    """The last version that is not newer than ``version``."""
    versions = [s for s in _versions(op, domain) if s.since_version <= version]
    return versions[-1] if versions else onnx.defs.get_schema(op, version, domain)


def _infers(schema: onnx.defs.OpSchema) -> bool:
    return schema.has_type_and_shape_inference_function and not schema.deprecated


def _versions(op: str, domain: str) -> tuple[onnx.defs.OpSchema, ...]:
    return _all_versions().get((domain, op), ())


@lru_cache(maxsize=1)
def _all_versions() -> dict[tuple[str, str], tuple[onnx.defs.OpSchema, ...]]:
    by_name: dict[tuple[str, str], list[onnx.defs.OpSchema]] = {}
    for schema in onnx.defs.get_all_schemas_with_history():
        by_name.setdefault((schema.domain, schema.name), []).append(schema)
    return {
        name: tuple(sorted(versions, key=lambda s: s.since_version))
        for name, versions in by_name.items()
    }
