"""Configurations of the networks of language: published numbers, and how to make them smaller."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BertConfig:
    """BERT-base, uncased.

    Source: Devlin et al., BERT, NAACL 2019, section 3; google-research/bert, the
    first release's uncased model.
    """

    words: int = 30_522
    places: int = 512
    types: int = 2
    width: int = 768
    layers: int = 12
    heads: int = 12
    inner: int = 3072


@dataclass(frozen=True, slots=True)
class WhisperConfig:
    """The encoder of Whisper tiny.

    Source: Radford et al., Robust Speech Recognition via Large-Scale Weak Supervision, ICML 2023,
    table 1; openai/whisper, dimensions of "tiny".
    """

    mels: int = 80
    width: int = 384
    layers: int = 4
    heads: int = 6
    inner: int = 1536


@dataclass(frozen=True, slots=True)
class DecoderConfig:
    """SmolLM2-135M; ``shared`` query heads read the keys and values of one head.

    Source: Ben Allal et al., SmolLM2, 2025; HuggingFaceTB/SmolLM2-135M, config.json.
    """

    words: int = 49_152
    width: int = 576
    layers: int = 30
    heads: int = 9
    shared: int = 3
    inner: int = 1536

    @property
    def head(self) -> int:
        """Width of a head."""
        return self.width // self.heads

    @property
    def key_heads(self) -> int:
        """Heads of keys and values."""
        return self.heads // self.shared
