"""Han, Mao and Dally, Deep Compression: pruned weights, shared values, gaps with filler zeros.

The paper's tables say, layer by layer, which share of the weights stays, how many bits a value's
index and a gap take, and what comes out. Here the sizes follow from the first three.
"""

from dfsrt.reproduce.deep_compression.experiment import reproduce
from dfsrt.reproduce.deep_compression.outcome import DeepCompressionOutcome

__all__ = ["DeepCompressionOutcome", "reproduce"]
