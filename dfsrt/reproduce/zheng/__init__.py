"""Zheng et al., IEEE TCAS-II 69(4), 2022: schedules that keep maps on chip from layer to layer.

The abstract reports DRAM energy of -34.46 to -93.42 % on U-Net, VGG-16 and MobileNet, and latency
alike. Here stands what whole maps, equal partitions and groups of layers by rows bring against
layer by layer, with the best tiles and with one kind of reuse throughout.
"""

from dfsrt.reproduce.zheng.experiment import reproduce
from dfsrt.reproduce.zheng.figures import PAPER
from dfsrt.reproduce.zheng.outcome import ZhengOutcome

__all__ = ["PAPER", "ZhengOutcome", "reproduce"]
