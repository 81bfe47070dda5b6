"""Idle governors by name: ours, those of other packages, and those in files of one's own."""

from __future__ import annotations

from dfsrt.base.errors import InputError
from dfsrt.base.names import NameSpec, parse_name_spec
from dfsrt.base.plugin import PluginKind, python_file
from dfsrt.governor.idle.governor import IdleGovernor
from dfsrt.governor.idle.timeout import Timeout

IDLE_GOVERNORS: PluginKind[IdleGovernor] = PluginKind(
    noun="idle governor",
    method="choose",
    arguments="view",
    returns="a dfsrt.Sleep",
    group="dfsrt.idle_governors",
    own={
        "none": "dfsrt.governor.idle.none:StayUp",
        "timeout": "dfsrt.governor.idle.timeout:Timeout",
        "break-even": "dfsrt.governor.idle.break_even:BreakEven",
        "ladder": "dfsrt.governor.idle.ladder:Ladder",
        "menu": "dfsrt.governor.idle.menu:Menu",
        "teo": "dfsrt.governor.idle.teo:Teo",
        "oracle": "dfsrt.governor.idle.oracle:Oracle",
    },
)
_MAIN = {"timeout": "after"}
"""The parameter that stands for itself, as in ``timeout=50ms``."""


def idle_governor_names() -> tuple[str, ...]:
    """Return the names of all idle governors, sorted."""
    return IDLE_GOVERNORS.names()


def make_idle_governor(source: object) -> IdleGovernor:
    """Return the idle governor that ``source`` names, as in ``timeout=50ms``, or is.

    Raises:
        InputError: an unknown name, a file that cannot be loaded, an unknown parameter, or a
            value that does not fit.
    """
    return IDLE_GOVERNORS.make(_spec(source) if isinstance(source, str) else source)


def idle_label(source: object) -> str:
    """Return what reports call an idle governor: ``make_idle_governor`` reads it back.

    Raises:
        InputError: an object that is no idle governor.
    """
    governor = make_idle_governor(source)
    if isinstance(governor, Timeout):  # the time is what it is: said even where it is the default
        return governor.label
    return IDLE_GOVERNORS.label(governor)


def _spec(text: str) -> NameSpec:
    """Return a name as typed with its options; ``timeout=50ms`` is ``timeout:after=50ms``."""
    spec = parse_name_spec(text, IDLE_GOVERNORS.noun)
    name, equals, value = spec.name.partition("=")
    if not equals or python_file(spec.name) is not None or name not in IDLE_GOVERNORS.names():
        return spec
    if name not in _MAIN:
        raise InputError(
            f"idle governor {name} has no value of its own: '{text}'; write it like '{name}', "
            f"or a parameter like '{name}:key=value'"
        )
    if _MAIN[name] in spec.options:
        raise InputError(f"idle governor '{text}' sets '{_MAIN[name]}' twice; set it once")
    return NameSpec(name, {_MAIN[name]: value, **spec.options})
