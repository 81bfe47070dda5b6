"""What a key holds, in words, from the types that msgspec checks it by."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from msgspec import inspect as mi

from docs.site.markdown import code

WORDS: dict[type[mi.Type], str] = {
    mi.AnyType: "anything",
    mi.CustomType: "anything",
    mi.NoneType: "null",
    mi.BoolType: "true or false",
    mi.IntType: "whole number",
    mi.FloatType: "number",
    mi.StrType: "text",
}
MANY: dict[type[mi.Type], str] = {
    mi.IntType: "whole numbers",
    mi.FloatType: "numbers",
    mi.StrType: "texts",
}
ARRAYS = (mi.ListType, mi.VarTupleType, mi.SetType, mi.FrozenSetType, mi.CollectionType)
TABLES = (mi.StructType, mi.DataclassType)


def words_of(kind: mi.Type, name_of: Callable[[type], str]) -> str:
    """Return what a type allows as Markdown; ``name_of`` names a table with keys of its own."""
    match kind:
        case mi.StructType() | mi.DataclassType():
            return name_of(kind.cls)
        case mi.UnionType():
            said = [words_of(each, name_of) for each in kind.types if each != mi.NoneType()]
            return " or ".join(dict.fromkeys(said))
        case mi.DictType():
            return f"table by name: {words_of(kind.value_type, name_of)}"
        case mi.LiteralType():
            return " or ".join(code(str(value)) for value in kind.values)
        case mi.EnumType():
            return " or ".join(code(str(each.value)) for each in kind.cls)
        case mi.TupleType():
            return f"[{', '.join(words_of(each, name_of) for each in kind.item_types)}]"
        case _ if isinstance(kind, ARRAYS):
            return f"list of {MANY.get(type(kind.item_type)) or words_of(kind.item_type, name_of)}"
    return WORDS[type(kind)]


def inner(kind: mi.Type, path: str = "") -> Iterator[tuple[str, mi.StructType | mi.DataclassType]]:
    """Yield the tables with keys of their own that a type may hold, with the path to each."""
    if isinstance(kind, TABLES):
        yield path, kind
    elif isinstance(kind, mi.UnionType):
        for each in kind.types:
            yield from inner(each, path)
    elif isinstance(kind, mi.DictType):
        yield from inner(kind.value_type, f"{path}.NAME")
    elif isinstance(kind, mi.TupleType):
        for each in kind.item_types:
            yield from inner(each, f"{path}[]")
    elif isinstance(kind, ARRAYS):
        yield from inner(kind.item_type, f"{path}[]")


def default_of(field: mi.Field) -> object:
    """Return a key's default; ``NODEFAULT`` where it has to be given."""
    if field.required:
        return msgspec.NODEFAULT
    made = field.default_factory is not msgspec.NODEFAULT
    return msgspec.to_builtins(field.default_factory() if made else field.default)
