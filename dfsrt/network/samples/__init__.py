"""What a network runs on: inputs by name, from files or drawn at random, and a file's tensors."""

from dfsrt.network.samples.feeds import Feed, element_type, random_feeds
from dfsrt.network.samples.files import Feeds, Types, fitting_samples, read_arrays, sample_files
from dfsrt.network.samples.samples import Samples, folder_samples, random_samples
from dfsrt.network.samples.tensors import Tensors, ZeroPoint, chunks

__all__ = [
    "Feed",
    "Feeds",
    "Samples",
    "Tensors",
    "Types",
    "ZeroPoint",
    "chunks",
    "element_type",
    "fitting_samples",
    "folder_samples",
    "random_feeds",
    "random_samples",
    "read_arrays",
    "sample_files",
]
