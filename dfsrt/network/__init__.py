"""Networks: what runs, with no hardware named. Importing this loads neither onnx nor numpy."""

from dfsrt.network.built import built_names
from dfsrt.network.layer import Gemm, Kind, Layer, Operands
from dfsrt.network.load import from_onnx_model, load_network, network_file, read_network
from dfsrt.network.network import Network
from dfsrt.network.precision import PRECISIONS
from dfsrt.network.tensor import Tensor
from dfsrt.network.zoo import network_names, shelf_names, trained_names

__all__ = [
    "PRECISIONS",
    "Gemm",
    "Kind",
    "Layer",
    "Network",
    "Operands",
    "Tensor",
    "built_names",
    "from_onnx_model",
    "load_network",
    "network_file",
    "network_names",
    "read_network",
    "shelf_names",
    "trained_names",
]
