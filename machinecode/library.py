"""Making what is shipped: a function's machine code as a shared library, for any processor.

Needs numba, and a C compiler that links; who uses the library needs neither. It leans on numba's
insides: how it calls a function, and what its code generator is asked for.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm
import numba
from llvmlite import ir
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target

from dfsrt.base.callees import callees
from dfsrt.base.compiled import jitted
from dfsrt.base.shipped import ENTRY
from dfsrt.base.words import Argument

_WORD = ir.IntType(64)
_LINK = ("cc", "-shared", "-s", "-nostartfiles", "-Wl,-z,defs", "-Wl,--build-id=none")
_ONLY_THE_ENTRY = f"{{ global: {ENTRY}; local: *; }};"


def make_library(
    function: Callable[..., object],
    inlined: tuple[str, ...],
    arguments: tuple[Argument, ...],
    path: Path,
) -> None:
    """Write the library of ``function`` for arguments laid out as these to ``path``.

    Raises:
        subprocess.CalledProcessError: it needs more than C's mathematics, or nothing links it.
    """
    made: Any = jitted(function, callees(function), inlined, allocates=False, for_python=False)
    made.compile(tuple(numba.typeof(argument) for argument in arguments))
    (overload,) = made.overloads.values()
    library = cpu_target.target_context.codegen().create_library(ENTRY)
    with global_compiler_lock:
        library.add_linking_library(overload.library)
        library.add_ir_module(_entry_module(overload.fndesc))
        library.finalize()
    _link(_target_machine().emit_object(library._final_module), path)


def makers() -> dict[str, str]:
    """Return what makes libraries, and its version."""
    return {"numba": numba.__version__, "llvmlite": llvmlite.__version__}


def _target_machine() -> llvm.TargetMachine:
    """Any processor of this architecture, code that may lie anywhere."""
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(cpu="", features="", opt=3, reloc="pic", codemodel="small")


def _entry_module(described: Any) -> ir.Module:
    """A module with the entry: it reads words and calls the function as numba calls it."""
    context = cpu_target.target_context
    module = context.codegen()._create_empty_module(ENTRY)
    kind = context.call_conv.get_function_type(described.restype, described.argtypes)
    called = ir.Function(module, kind, described.llvm_func_name)
    entry = ir.Function(module, ir.FunctionType(ir.IntType(32), [_WORD.as_pointer()]), ENTRY)
    builder = ir.IRBuilder(entry.append_basic_block())
    result, problem, *wanted = kind.args
    returned = builder.alloca(result.pointee)
    words = (_word(builder, entry.args[0], k, one) for k, one in enumerate(wanted, 1))
    status = builder.call(called, [returned, builder.alloca(problem.pointee), *words])
    if result.pointee == _WORD:
        builder.store(builder.load(returned), entry.args[0])
    builder.ret(status)
    return module


def _word(builder: ir.IRBuilder, words: ir.Value, place: int, kind: ir.Type) -> ir.Value:
    """A word as a value of another kind."""
    word = builder.load(builder.gep(words, [ir.IntType(32)(place)]))
    if isinstance(kind, ir.PointerType):
        return builder.inttoptr(word, kind)
    if isinstance(kind, ir.DoubleType):
        return builder.bitcast(word, kind)
    return word if kind == _WORD else builder.trunc(word, kind)


def _link(content: bytes, path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        part, names = Path(folder) / "code.o", Path(folder) / "names"
        part.write_bytes(content)
        names.write_text(_ONLY_THE_ENTRY)
        link = [*_LINK, f"-Wl,--version-script={names}", "-o", str(path), str(part)]
        subprocess.run([*link, "-lm", "-lc"], check=True)
