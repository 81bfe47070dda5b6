"""The shelf: networks in files that come along, by their plain names.

Those of the ``onnx`` package have sizes alone; ours have been trained.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from dfsrt.base.errors import NetworkError
from dfsrt.base.names import is_there, unknown_name
from dfsrt.network.built import built_names

_FILES = {
    "alexnet": "light_bvlc_alexnet.onnx",
    "densenet121": "light_densenet121.onnx",
    "inception_v1": "light_inception_v1.onnx",
    "inception_v2": "light_inception_v2.onnx",
    "resnet50": "light_resnet50.onnx",
    "shufflenet": "light_shufflenet.onnx",
    "squeezenet": "light_squeezenet.onnx",
    "vgg19": "light_vgg19.onnx",
    "zfnet512": "light_zfnet512.onnx",
}
_TRAINED = Path(__file__).parent / "trained"


def network_names() -> tuple[str, ...]:
    """Return the names that ``load_network`` knows besides paths."""
    return tuple(sorted((*_FILES, *trained_names())))


def shelf_names() -> tuple[str, ...]:
    """Return the names of those that the ``onnx`` package ships, which are whole applications."""
    return tuple(_FILES)


def trained_names() -> tuple[str, ...]:
    """Return the names of those with trained weights, which dfsrt ships."""
    return ("digits",)


def locate(source: str | Path) -> tuple[str, Path]:
    """Return the network's name and its file for a shelf name or a path.

    Raises:
        NetworkError: ``source`` is neither a shelf name nor looks like a path.
    """
    if isinstance(source, str) and source in _FILES:
        return source, _shelf() / _FILES[source]
    if isinstance(source, str) and source in trained_names():
        return source, _TRAINED / f"{source}.onnx"
    path = Path(source)
    if isinstance(source, str) and not _looks_like_path(source, path):
        known = (*network_names(), *built_names())
        raise NetworkError(unknown_name("network", source, known) + " or give an .onnx file")
    return path.stem, path


def _looks_like_path(source: str, path: Path) -> bool:
    return path.suffix == ".onnx" or "/" in source or "\\" in source or is_there(path)


def _shelf() -> Path:
    """Find the folder without importing ``onnx``, which is slow."""
    spec = find_spec("onnx")
    if spec is None or not spec.submodule_search_locations:
        raise NetworkError("the onnx package is not installed; run 'pip install onnx'")
    return Path(spec.submodule_search_locations[0]) / "backend" / "test" / "data" / "light"
