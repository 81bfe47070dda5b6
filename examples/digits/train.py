"""Train the network ``digits``, which dfsrt ships, and write it as an ONNX file.

    pip install torch scikit-learn onnx
    python examples/digits/train.py digits.onnx

Data: scikit-learn's digits, 1,797 images of 8 x 8 with pixels from 0 to 16, divided by 16 here.
It learns from the first 1,347 images; the test is the last 450, for the most part by other writers.
Network: five convolutions of 3 x 3 (32, 32, 64, 64 and 128 channels), each with batch normalisation
and ReLU, two max pools, a mean over what is left, two fully connected layers: 148,074 parameters,
1,796,736 multiply-accumulates an image. In the file the normalisations are folded into the
convolutions, which leaves 147,754.

The seed settles all that is drawn. Another version of torch, or another processor, may still sum in
another order and end with other weights, of about the same accuracy.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from torch import nn

SEED, EPOCHS, BATCH, RATE = 0, 15, 32, 2e-3
TRAINED = 1347
"""Images that it learns from, the first ones."""
CHANNELS = (32, 32, 64, 64, 128)
POOLED = (2, 4)
"""Convolutions that a pool comes after, counted from 1."""
HIDDEN, CLASSES, OPSET = 64, 10, 17


def data():
    """Return images ``(n_images, 1, 8, 8)``, their digits, and which are for the test."""
    images, labels = load_digits(return_X_y=True)
    test = np.arange(len(labels)) >= TRAINED
    return (images.reshape(-1, 1, 8, 8) / 16).astype(np.float32), labels, test


def network() -> nn.Sequential:
    """Return the network, not trained."""
    layers: list[nn.Module] = []
    before = 1
    for place, channels in enumerate(CHANNELS, 1):
        layers += [nn.Conv2d(before, channels, 3, padding=1, bias=False)]
        layers += [nn.BatchNorm2d(channels), nn.ReLU()]
        layers += [nn.MaxPool2d(2)] if place in POOLED else []
        before = channels
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    layers += [nn.Linear(before, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CLASSES)]
    return nn.Sequential(*layers)


def train(model: nn.Sequential, images: torch.Tensor, labels: torch.Tensor) -> None:
    """Train ``model`` with Adam, whose rate falls along a cosine."""
    steps = EPOCHS * -(-len(images) // BATCH)
    adam = torch.optim.Adam(model.parameters(), RATE)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
    model.train()
    for _ in range(EPOCHS):
        for part in torch.randperm(len(images)).split(BATCH):
            adam.zero_grad()
            nn.functional.cross_entropy(model(images[part]), labels[part]).backward()
            adam.step()
            falling.step()
    model.eval()


def folded(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[np.ndarray, np.ndarray]:
    """Return weights and biases of a convolution that does its normalisation's work, too."""
    with torch.no_grad():
        scale = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
        weight = convolution.weight.double() * scale[:, None, None, None]
        bias = norm.bias.double() - norm.running_mean.double() * scale
        return weight.float().numpy(), bias.float().numpy()


def exported(model: nn.Sequential) -> onnx.ModelProto:
    """Return ``model`` as an ONNX model of one image a run."""
    nodes, stored, last = [], [], "image"
    modules = list(model)
    convolutions = [i for i, module in enumerate(modules) if isinstance(module, nn.Conv2d)]
    for place, index in enumerate(convolutions, 1):
        name = f"conv{place}"
        weight, bias = folded(modules[index], modules[index + 1])
        stored += _parameters(name, weight, bias)
        operands = [last, f"{name}.weight", f"{name}.bias"]
        nodes.append(_node("Conv", operands, name, kernel_shape=[3, 3], pads=[1, 1, 1, 1]))
        nodes.append(_node("Relu", [name], f"relu{place}"))
        last = f"relu{place}"
        if place in POOLED:
            nodes.append(
                _node("MaxPool", [last], f"pool{place}", kernel_shape=[2, 2], strides=[2, 2])
            )
            last = f"pool{place}"
    nodes.append(_node("GlobalAveragePool", [last], "mean"))
    nodes.append(_node("Flatten", ["mean"], "features"))
    first, second = (module for module in modules if isinstance(module, nn.Linear))
    for name, linear in (("fc1", first), ("fc2", second)):
        stored += _parameters(name, linear.weight.detach().numpy(), linear.bias.detach().numpy())
    nodes.append(_node("Gemm", ["features", "fc1.weight", "fc1.bias"], "fc1", transB=1))
    nodes.append(_node("Relu", ["fc1"], "relu6"))
    nodes.append(_node("Gemm", ["relu6", "fc2.weight", "fc2.bias"], "fc2", "scores", transB=1))
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, 8, 8])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, CLASSES])],
        stored,
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(made, full_check=True)
    return made


def _parameters(name: str, weight: np.ndarray, bias: np.ndarray) -> list[TensorProto]:
    pairs = (("weight", weight), ("bias", bias))
    return [numpy_helper.from_array(values, f"{name}.{what}") for what, values in pairs]


def _node(op: str, inputs: list[str], name: str, output: str = "", **attributes: object):
    return helper.make_node(op, inputs, [output or name], name, **attributes)


def main(target: str) -> None:
    """Train, write the file, and say how many test images it names rightly."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    images, labels, test = data()
    model = network()
    train(model, torch.from_numpy(images[~test]), torch.from_numpy(labels[~test]))
    with torch.no_grad():
        answers = model(torch.from_numpy(images[test])).argmax(1).numpy()
    Path(target).write_bytes(exported(model).SerializeToString(deterministic=True))
    parameters = sum(p.numel() for p in model.parameters())
    right = int((answers == labels[test]).sum())
    print(
        f"{parameters:,} parameters; {right} of {test.sum()} test images right: "
        f"{right / test.sum():.2%}"
    )


if __name__ == "__main__":
    main(sys.argv[1])
