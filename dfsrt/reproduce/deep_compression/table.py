"""The tables of the experiment."""

from __future__ import annotations

from dfsrt.report.tables import Grid
from dfsrt.reproduce.deep_compression.schema import DeepCompressionReport, NetworkRates


def books_grid(report: DeepCompressionReport) -> Grid:
    """Return the table of shared values alone."""
    lines = (
        report.paper,
        f"What it says: {report.paper_source}.",
        "",
        "1. Shared values: an index for each weight and a code book of plain numbers (32 bits). It",
        "weighs most in small matrices; large ones come to plain bits over index bits, and no more",
    )
    heads = ["<matrix", "values", "index bits", "plain bits", "code book", "coded bits", "times"]
    rows = [
        (
            f"{book.outputs} x {book.inputs}",
            str(book.values),
            str((book.values - 1).bit_length()),
            f"{book.plain_bits:,}",
            f"{book.codebook_bits:,}",
            f"{book.coded_bits:,}",
            f"{book.times:.2f}x",
        )
        for book in report.books
    ]
    return Grid(heads, rows, lines)


def network_grid(place: int, network: NetworkRates) -> Grid:
    """Return a network's table: the paper's rate beside our own, layer by layer."""
    lines = (
        f"{place}. {network.network}: pruned, shared and coded by gaps, from what the paper says "
        "stays, and its bits",
        "(shares of the plain bits; zeros at random, fillers counted as expected of that)",
    )
    heads = [
        "<layer",
        "weights",
        "kept",
        "value/gap bits",
        "fillers",
        "without",
        "paper",
        "here",
        "",
    ]
    rows = [
        (
            layer.layer,
            f"{layer.weights:,}",
            f"{layer.kept:.0%}",
            f"{layer.value_bits}/{layer.gap_bits}",
            f"{layer.fillers:.2f}",
            f"{layer.without_fillers:.2%}",
            f"{layer.paper_rate:.1%}",
            f"{layer.rate:.2%}",
            f"{layer.error:+.1%}",
        )
        for layer in network.layers
    ]
    whole = f"{network.paper_rate:.1%}", f"{network.rate:.2%}", f"{network.error:+.1%}"
    rows.append(("all", f"{network.weights:,}", "", "", "", "", *whole))
    return Grid(heads, rows, lines)
