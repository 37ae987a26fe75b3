"""The one place that imports Numba: the decorators, and the steps of the formulas as compiled code.

`jit` compiles an entry point and keeps it in the private cache; `inline` is for what entry points call. Neither
uses fast mathematics (NaN has a meaning) nor Numba's own threads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from llvmlite import ir  # type: ignore[import-untyped]  # comes with Numba
from numba.core import config, types
from numba.extending import intrinsic

from hpdsl.kernels import cache
from hpdsl.kernels.primitives import INF, NAN, Primitives

F = TypeVar("F", bound=Callable[..., Any])


def jit(function: F) -> F:
    """Compile when first called, from the cache if it is there; releases the interpreter lock."""
    folder = cache.folder()
    before = config.CACHE_DIR
    try:
        # Read when the decorator runs; other users of Numba in this process keep their own place.
        config.CACHE_DIR = str(folder or "")
        compiled = numba.njit(nogil=True, error_model="numpy", cache=folder is not None)(function)
    finally:
        config.CACHE_DIR = before
    return cast(F, compiled)


def inline(function: F) -> F:
    """Compile into every caller."""
    return cast(F, numba.njit(error_model="numpy", forceinline=True)(function))


def compiled(function: Callable[..., Any]) -> bool:
    """Whether a function made by `jit` has machine code in this process."""
    return bool(getattr(function, "signatures", ()))


def _reinterpret(source: Any, target: Any) -> Any:
    def cast_bits(typingctx: Any, value: Any) -> Any:
        if value != source:
            return None

        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.bitcast(args[0], context.get_value_type(target))

        return target(source), codegen

    return intrinsic(cast_bits)


def _llvm(name: str) -> Any:
    """An LLVM function of one double."""

    def call(typingctx: Any, value: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            double = ir.DoubleType()
            function = builder.module.declare_intrinsic(name, [double], ir.FunctionType(double, [double]))
            return builder.call(function, args)

        return types.float64(types.float64), codegen

    return intrinsic(call)


@intrinsic
def _remainder(typingctx: Any, a: Any, b: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.frem(args[0], args[1])

    return types.float64(types.float64, types.float64), codegen


@inline
def _where(condition, yes, no):  # type: ignore[no-untyped-def]  # Numba infers the types at each use
    return yes if condition else no


@inline
def _divide(a: float, b: float) -> float:
    return a / b


@inline
def _marks(fine: bool, a: float, b: float, result: float) -> float:
    mark = NAN if (a != a) | (b != b) else INF
    return result if fine else mark


@inline
def _every(condition: bool) -> bool:
    return condition


NATIVE = Primitives(
    function=inline,
    where=_where,
    divide=_divide,
    sqrt=_llvm("llvm.sqrt"),
    floor=_llvm("llvm.floor"),
    fmod=_remainder,
    bits=_reinterpret(types.float64, types.int64),
    value=_reinterpret(types.int64, types.float64),
    marks=_marks,
    every=_every,
)
