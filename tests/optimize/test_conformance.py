"""Our own transforms pass the conformance tests that we publish."""

from __future__ import annotations

from dfsrt.testing import TransformConformance


class TestPrune(TransformConformance):
    transform = "prune:ratio=0.5"


class TestPruneChannels(TransformConformance):
    transform = "prune:channels=0.5"


class TestPruneChannelsWithARefit(TransformConformance):
    transform = "prune:channels=0.25:refit"


class TestInt8(TransformConformance):
    transform = "int8"


class TestInt8PerTensor(TransformConformance):
    transform = "int8:per=tensor:calibration=percentile"


class TestInt8Entropy(TransformConformance):
    transform = "int8:calibration=entropy"


class TestW8A16(TransformConformance):
    transform = "w8a16"


class TestInt4(TransformConformance):
    transform = "int4"


class TestInt4OfNarrowBlocks(TransformConformance):
    transform = "int4:block=16"


class TestW4A8(TransformConformance):
    transform = "w4a8"


class TestMixed(TransformConformance):
    transform = "mixed:bits=6"
