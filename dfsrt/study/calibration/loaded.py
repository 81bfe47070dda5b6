"""Loaded: devices and networks of measurements, each once, however many rows name it."""

from __future__ import annotations

from dfsrt.base.errors import InputError
from dfsrt.base.names import NameSpec
from dfsrt.cost import at_device_precision
from dfsrt.device import Npu, load_device
from dfsrt.network import Network
from dfsrt.network import reading as network_reading
from dfsrt.network.load import fitting, load_as, open_sizes
from dfsrt.study.calibration.measured import Reading


class Devices:
    """The device with so many cores in use, each loaded once."""

    def __init__(self, spec: NameSpec) -> None:
        self._spec, self._known = spec, {1: load_device(spec)}

    def on(self, cores: int) -> Npu:
        """Return the device with ``cores`` in use.

        Raises:
            InputError: it does not have as many.
        """
        first = self._known[1]
        has = 1 if first.cores is None else first.cores.count
        if not 1 <= cores <= has:
            raise InputError(f"cores is {cores}, and {first.name} has {has}; give 1 to {has}")
        if cores not in self._known:
            options = {**self._spec.options, "cores": str(cores)}
            self._known[cores] = load_device(NameSpec(self._spec.name, options))
        return self._known[cores]


class Networks:
    """Networks as a device stores them, each loaded once and read as ``asked``.

    Sizes and values go to the networks that have them open.
    """

    def __init__(self, asked: network_reading.Reading) -> None:
        self._asked = asked
        self._known: dict[tuple[str, int, str], Network] = {}

    def of(self, row: Reading, npu: Npu) -> Network:
        """Return the network of ``row`` with its batch, in its precision on ``npu``.

        Raises:
            InputError: an unknown network, or a batch that it does not have.
        """
        key = (row.network, row.batch, row.precision)
        if key not in self._known:
            asked = self._asked.sized({**self._asked.dims, **_sizes(row)})
            network = load_as(row.network, fitting(row.network, asked))
            _check_batch(network, row)
            self._known[key] = at_device_precision(network, npu, row.precision)
        return self._known[key]


def _sizes(row: Reading) -> dict[str, int]:
    """The batch as the size that a network has open: one of that name, or the only one."""
    if row.batch == 0:
        return {}
    sizes = open_sizes(row.network)
    if "batch" in sizes:
        return {"batch": row.batch}
    named = [name for name in sizes if name and "." not in name]
    return {named[0]: row.batch} if len(named) == 1 else {}


def _check_batch(network: Network, row: Reading) -> None:
    """Check a batch that is in the network's file, where it could not be set."""
    tensors = [t for layer in network.layers for t in layer.inputs if t.name in network.inputs]
    own = tensors[0].shape[0] if tensors and tensors[0].shape else 1
    if row.batch not in (0, own):
        raise InputError(
            f"batch is {row.batch}, and {row.network} has {own} with no size to set; export it "
            "with an open batch, or correct the row"
        )
