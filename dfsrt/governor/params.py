"""Fields for a governor's parameters with a unit or a range, where its files look for them."""

from dfsrt.base.plugin import (
    bytes_param,
    choice_param,
    freq_param,
    number_param,
    optional_time_param,
    time_param,
    voltage_param,
)

__all__ = [
    "bytes_param",
    "choice_param",
    "freq_param",
    "number_param",
    "optional_time_param",
    "time_param",
    "voltage_param",
]
