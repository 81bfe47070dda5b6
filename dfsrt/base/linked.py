"""Helpers of compiled functions, linked into them and into nothing else.

numba makes machine code of every function that a compiled one calls, with an entry from C, and
optimises all that a helper calls again in each of its callers. Nobody calls a helper by itself:
here it is optimised for its own, and the whole once, in the function that is compiled. Half of the
compiler's time goes.
"""

from __future__ import annotations

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.compiler_machinery import PassManager


class LinkedLibrary(JITCodeLibrary):
    """The code of a helper and of what it calls, ready to be linked; it has no address."""

    def finalize(self) -> None:
        """Take in what the helper calls, and leave optimising to who calls the helper."""
        self._raise_if_finalized()
        for library in dict.fromkeys(self._linking_libraries):
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """Return 0, which stands for a function that cannot be called from outside."""
        return 0

    @property
    def codegen(self) -> _Unset:
        """What ``set_env`` is asked of, in vain: there is no code yet that an address could be
        written to. Machine code that is read from disk does without, too.
        """
        return _Unset()


class _Unset:
    def set_env(self, name: str, env: object) -> None:
        """Do nothing."""


class HelperCompiler(Compiler):
    """numba's compiler, but into a ``LinkedLibrary``."""

    def define_pipelines(self) -> list[PassManager]:
        """Return numba's own passes."""
        state = self.state
        function, target = state.func_id, state.targetctx
        state.library = LinkedLibrary(target.codegen(), function.func_qualname)
        passes: list[PassManager] = super().define_pipelines()
        return passes
