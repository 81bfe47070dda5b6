"""Plug-ins: named by entry point or by file and class, with the fields of a dataclass as text."""

from dfsrt.base.plugin.annotated import parameter_of
from dfsrt.base.plugin.declared import declared, parameters
from dfsrt.base.plugin.kind import PluginKind
from dfsrt.base.plugin.params import (
    AUTO,
    Parameter,
    Values,
    bytes_param,
    choice_param,
    freq_param,
    number_param,
    optional_time_param,
    time_param,
    voltage_param,
)
from dfsrt.base.plugin.python_file import beside, python_file

__all__ = [
    "AUTO",
    "Parameter",
    "PluginKind",
    "Values",
    "beside",
    "bytes_param",
    "choice_param",
    "declared",
    "freq_param",
    "number_param",
    "optional_time_param",
    "parameter_of",
    "parameters",
    "python_file",
    "time_param",
    "voltage_param",
]
