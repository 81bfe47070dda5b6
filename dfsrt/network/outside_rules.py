"""Why an operator has no rule: what kind of thing it is, for people who meet it in their file."""

from __future__ import annotations

_DOMAINS = {
    "ai.onnx.ml": "trees, encoders and other classical models run on a CPU",
    "ai.onnx.preview.training": "training, which dfsrt does not run",
    "ai.onnx.training": "training, which dfsrt does not run",
    "ai.onnx.contrib": "texts and tokens, which are made on a CPU",
}
_TEXTS = {
    "RegexFullMatch",
    "StringConcat",
    "StringNormalizer",
    "StringSplit",
    "TfIdfVectorizer",
    "LabelEncoder",
}
_LISTS = ("Sequence", "Optional", "SplitToSequence", "ConcatFromSequence")


def why_no_rule(op: str, domain: str) -> str:
    """Return in a few words why nobody counts the work of an operator."""
    if domain in _DOMAINS:
        return _DOMAINS[domain]
    if op == "EPContext":
        return "a part that a vendor's compiler has compiled: nobody else sees what is in it"
    if op in _TEXTS:
        return "texts, which are made on a CPU"
    if op.startswith(_LISTS):
        return "lists of tensors, whose number is known at run time alone"
    if domain:
        return f"nothing is known of operators of '{domain}'"
    return "no rule says how much work it is"
