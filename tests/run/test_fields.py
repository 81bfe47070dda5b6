"""The keywords of a run are the fields of its specification, with the same types."""

from __future__ import annotations

from dataclasses import fields

from dfsrt.run.fields import JobFields, RunFields
from dfsrt.run.spec import RunSpec


def test_keywords_are_all_fields_but_the_load():
    assert set(RunFields.__annotations__) == {f.name for f in fields(RunSpec)} - {"load"}
    assert set(RunFields.__annotations__) - set(JobFields.__annotations__) == {"governor"}


def test_a_keyword_is_of_its_fields_type():
    said = {name: hint.__forward_arg__ for name, hint in RunFields.__annotations__.items()}
    assert said == {f.name: f.type for f in fields(RunSpec) if f.name != "load"}
