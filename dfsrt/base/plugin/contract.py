"""What every plug-in of a kind has: one method, and how errors call both."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A ``noun`` such as ``governor``, and the method that every one has.

    ``arguments`` are the method's, as they would be typed behind ``self``, and ``returns`` says
    what it gives: they are for the advice to one who wrote a class without it.
    """

    noun: str
    method: str
    arguments: str
    returns: str

    def held_by(self, candidate: object) -> bool:
        """Whether a class, or an object of one, has the method."""
        return callable(getattr(candidate, self.method, None))

    @property
    def advice(self) -> str:
        """What to write in a class that lacks the method."""
        signature = f"{self.method}(self, {self.arguments})"
        return f"give it 'def {signature}' that returns {self.returns}"
