"""Recipes: networks that are built, by what sizes they take and who builds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, cast

from dfsrt.base.errors import NetworkError
from dfsrt.base.names import one_of, unknown_name

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True, slots=True)
class Size:
    """A dimension: its ``default``, and what it may be. ``like`` another, that one's by default."""

    default: int
    low: int
    high: int
    step: int = 1
    like: str = ""

    @property
    def allowed(self) -> range:
        """All that the dimension may be."""
        return range(self.low, self.high + 1, self.step)

    def check(self, where: str, size: object) -> None:
        """Check that ``size`` is a whole number in the range, in its steps.

        Raises:
            NetworkError: it is not; the message begins with ``where``.
        """
        if isinstance(size, int) and not isinstance(size, bool) and size in self.allowed:
            return
        step = f" in steps of {self.step}" if self.step > 1 else ""
        raise NetworkError(
            f"{where}={size!r} is out of range; allowed is {self.low} to {self.high}{step}"
        )


@dataclass(frozen=True, slots=True)
class Recipe:
    """A built network: what people read about it, its sizes, and ``maker``, as ``module:function``.

    The maker takes the sizes, the precision and what is ``fixed`` by name, such as which one of a
    family it is; it is imported when it is called, since ``onnx`` takes long to load. ``choices``
    are what it takes besides sizes, each with the words that are allowed, the default first.
    ``precision`` is what it is in where none is asked for.
    """

    what: str
    sizes: Mapping[str, Size]
    maker: str
    fixed: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    precision: str = "fp32"

    def build(
        self,
        name: str,
        given: Mapping[str, int],
        precision: str | None = None,
        chosen: Mapping[str, str] | None = None,
    ) -> onnx.ModelProto:
        """Return the model, with the defaults for sizes that are not ``given``, nor ``chosen``.

        Raises:
            NetworkError: a size that the network does not have, or one out of range.
        """
        said = {**self._sizes(name, given), **self._choices(name, chosen or {}), **self.fixed}
        module, function = self.maker.split(":")
        make = cast("Callable[..., onnx.ModelProto]", getattr(import_module(module), function))
        return make(**said, precision=precision or self.precision)

    def _choices(self, name: str, chosen: Mapping[str, str]) -> dict[str, str]:
        for key, word in chosen.items():
            if word not in self.choices[key]:
                raise NetworkError(
                    f"network '{name}': {key}='{word}' is unknown; "
                    + one_of(word, self.choices[key])
                )
        return {key: words[0] for key, words in self.choices.items()} | dict(chosen)

    def _sizes(self, name: str, given: Mapping[str, int]) -> dict[str, int]:
        for dim, size in given.items():
            if dim not in self.sizes:
                known = (*self.sizes, *self.choices)
                raise NetworkError(f"network '{name}': {unknown_name('dimension', dim, known)}")
            self.sizes[dim].check(f"network '{name}': {dim}", size)
        plain = {dim: size.default for dim, size in self.sizes.items()} | dict(given)
        same = {dim: plain[s.like] for dim, s in self.sizes.items() if s.like and dim not in given}
        return plain | same
