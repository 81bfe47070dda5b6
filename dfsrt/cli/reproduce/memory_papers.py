"""What experiments on memory have in common at the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from dfsrt.cli.progress import progress

if TYPE_CHECKING:
    from dfsrt.network import Network

Networks = Annotated[
    list[str] | None,
    typer.Option(
        "--network",
        "-n",
        metavar="NETWORK",
        show_default="alexnet, vgg16, mobilenetv1 and unet",
        help="A network by name (see 'dfsrt list networks'), or an .onnx file; several, each.",
    ),
]


def each_network(names: Sequence[str] | None, what: str) -> Iterator[Network]:
    """Yield networks in int8, those of the papers if none is named; a bar shows how far it is."""
    from dfsrt.reproduce.bare import NETWORKS, load_int8

    chosen = tuple(dict.fromkeys(names or NETWORKS))
    networks = [load_int8(name) for name in chosen]
    with progress(len(networks), f"reproduce {what}") as step:
        for done, network in enumerate(networks, start=1):
            yield network
            step(done)
