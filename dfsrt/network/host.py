"""Operators that no NPU runs, and what they are: said where a network has one."""

from __future__ import annotations

from dfsrt.network.graph import Node

_TREES = "a tree ensemble"
_STRINGS = "work on text"
_TRAINING = "a step of training"
_TABLES = "a step on feature tables"

_HOST_OPS: dict[tuple[str, str], str] = {
    ("", "ImageDecoder"): "an image decoder",
    ("", "RegexFullMatch"): _STRINGS,
    ("", "StringConcat"): _STRINGS,
    ("", "StringNormalizer"): _STRINGS,
    ("", "StringSplit"): _STRINGS,
    ("", "TfIdfVectorizer"): "a count of word sequences",
    ("ai.onnx.ml", "CategoryMapper"): _STRINGS,
    ("ai.onnx.ml", "LabelEncoder"): "a look-up of labels",
    ("ai.onnx.ml", "SVMClassifier"): "a support vector machine",
    ("ai.onnx.ml", "SVMRegressor"): "a support vector machine",
    ("ai.onnx.ml", "TreeEnsemble"): _TREES,
    ("ai.onnx.ml", "TreeEnsembleClassifier"): _TREES,
    ("ai.onnx.ml", "TreeEnsembleRegressor"): _TREES,
}
_HOST_DOMAINS: dict[str, str] = {
    "ai.onnx.contrib": "onnxruntime-extensions' work on text, sound or pictures",
    "ai.onnx.ml": _TABLES,
    "ai.onnx.preview.training": _TRAINING,
    "ai.onnx.training": _TRAINING,
}
_WORDS = ("tokenizer", "string", "regex", "sentencepiece", "tfidf", "wordpiece")


def host_work(node: Node) -> str | None:
    """Return what a node does that no NPU runs; None for any other."""
    own = _HOST_OPS.get((node.domain, node.op)) or _HOST_DOMAINS.get(node.domain)
    if own is None and node.domain and any(word in node.op.lower() for word in _WORDS):
        return _STRINGS
    return own


def no_rule(node: Node) -> str:
    """Say in one line that a node has no rule, and what to do."""
    domain = f" of domain '{node.domain}'" if node.domain else ""
    what = host_work(node)
    if what is not None:
        return (
            f"operator '{node.op}'{domain} (node '{node.name}') is {what}, which no NPU runs but "
            "its host; take it out of the network, or leave its work out of the figures with "
            "--unknown-ops memory"
        )
    return (
        f"operator '{node.op}'{domain} (node '{node.name}') has no rule; use --unknown-ops memory "
        "to count such nodes as memory-only layers, or take them out of the network"
    )


def no_host_type(tensor: str, dtype: str) -> str:
    """Say in one line that a tensor is of a type that no NPU computes with, and what to do."""
    return (
        f"tensor '{tensor}' has element type {dtype}, which an NPU does not compute with; take "
        "that part out of the network, or leave it out of the figures with --unknown-ops memory"
    )
