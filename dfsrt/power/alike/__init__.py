"""Layers as networks have them, made up from a seed: what a device without a model is measured on.

Source: shapes and operators after the layers of public convolutional networks and transformers:
images of 224 to 640 pixels that halve as channels grow, pointwise, depthwise and grouped
convolutions, classifiers, tokens at whole heads of 64. No network's own list of layers is in it.
"""

from dfsrt.power.alike.deal import NETWORKS, alike_layers

__all__ = ["NETWORKS", "alike_layers"]
