"""Networks: what runs, with no hardware named. Importing this loads neither onnx nor numpy."""

from dfsrt.network.built import built_names, is_built
from dfsrt.network.layer import Gemm, Kind, Layer, Operands
from dfsrt.network.load import from_onnx_model, load_network, network_file, read_network
from dfsrt.network.network import Network
from dfsrt.network.passes import CACHE_BLOCK, LanguageModel, language_model
from dfsrt.network.precision import PRECISIONS
from dfsrt.network.tensor import Tensor
from dfsrt.network.zoo import network_names, shelf_names, trained_names

__all__ = [
    "CACHE_BLOCK",
    "PRECISIONS",
    "Gemm",
    "Kind",
    "LanguageModel",
    "Layer",
    "Network",
    "Operands",
    "Tensor",
    "built_names",
    "from_onnx_model",
    "is_built",
    "language_model",
    "load_network",
    "network_file",
    "network_names",
    "read_network",
    "shelf_names",
    "trained_names",
]
