"""Putra, Hanif and Shafique, ROMANet: tiles by reuse, and tiles that lie in rows of DRAM.

The abstract reports DRAM access energy of -12, -36 and -46 % on AlexNet, VGG-16 and MobileNet. Two
things work together there: fewer bytes, by the policy that tiles a layer, and fewer joules a byte,
by how tiles lie in DRAM. Here they stand apart, and so does their product.
"""

from dfsrt.reproduce.romanet.experiment import placed_drams, reproduce
from dfsrt.reproduce.romanet.figures import PAPER
from dfsrt.reproduce.romanet.outcome import RomanetOutcome

__all__ = ["PAPER", "RomanetOutcome", "placed_drams", "reproduce"]
