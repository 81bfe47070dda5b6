"""A suite of conformance without pytest, for a notebook."""

from __future__ import annotations


def tried(suite: type[object]) -> list[str]:
    """Run every test of a conformance ``suite``, and return what each of them promises.

    Raises:
        AssertionError: the first promise that is not kept, with its name.
    """
    names = [name for name in dir(suite) if name.startswith("test_")]
    for name in names:
        try:
            getattr(suite(), name)()
        except AssertionError as error:
            raise AssertionError(f"{_said(name)}: {error}") from error
    return [_said(name) for name in names]


def _said(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")
