"""The one place that imports Numba: the decorators, and the steps of the formulas as compiled code.

`jit` compiles an entry point and keeps it in the private cache; `inline` is for what entry points call. Neither
uses fast mathematics (NaN has a meaning) nor Numba's own threads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from llvmlite import ir  # type: ignore[import-untyped]  # comes with Numba
from numba.core import cgutils, types
from numba.extending import get_cython_function_address
from numba.extending import intrinsic as _numba_intrinsic

from hpdsl.kernels import cache
from hpdsl.kernels.primitives import INF, NAN, Primitives

# What is only called by compiled code needs no entries for Python and C, which take half of the compilation.
_INNER = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

# Options and attributes that Numba's own annotations leave out.
_njit: Any = numba.njit
_config: Any = numba.config
_unpack: Any = cgutils.unpack_tuple

F = TypeVar("F", bound=Callable[..., Any])


def jit(function: F) -> F:
    """Compile when first called, from the cache if it is there; releases the interpreter lock."""
    folder = cache.folder()
    before = _config.CACHE_DIR
    try:
        # Read when the decorator runs; other users of Numba in this process keep their own place.
        _config.CACHE_DIR = str(folder or "")
        result = _njit(nogil=True, error_model="numpy", cache=folder is not None)(function)
    finally:
        _config.CACHE_DIR = before
    return cast(F, result)


def inline(function: F) -> F:
    """Compile into every caller."""
    return cast(F, _njit(error_model="numpy", forceinline=True, **_INNER)(function))


def part(function: F) -> F:
    """Compile into the module of every caller, but as a function of its own where it is large."""
    return cast(F, _njit(error_model="numpy", **_INNER)(function))


def intrinsic(function: Callable[..., Any]) -> Any:
    """A function that writes its own LLVM code."""
    return _numba_intrinsic(function)


def address(module: str, name: str) -> int:
    """Where a routine lies in memory that a module offers to Cython, as SciPy's offer BLAS and LAPACK."""
    return int(get_cython_function_address(module, name))


@intrinsic
def call(typingctx: Any, routine: Any, pointers: Any) -> Any:
    """Call a routine without a result at an address; its arguments are pointers, given as a tuple of integers.

    Addresses differ between processes: as arguments, unlike constants, they leave what is compiled fit for the cache.
    """

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        values = _unpack(builder, args[1])
        pointer = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer] * len(values))
        target = builder.inttoptr(args[0], kind.as_pointer())
        builder.call(target, [builder.inttoptr(v, pointer) for v in values])
        return context.get_dummy_value()

    return types.void(routine, pointers), codegen


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


@intrinsic
def _where(typingctx: Any, condition: Any, yes: Any, no: Any) -> Any:
    result = typingctx.unify_types(yes, no)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        values = [context.cast(builder, v, t, result) for v, t in zip(args[1:], signature.args[1:], strict=True)]
        return builder.select(args[0], *values)

    return result(types.boolean, yes, no), codegen


@intrinsic
def _divide(typingctx: Any, a: Any, b: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fdiv(args[0], args[1])

    return types.float64(types.float64, types.float64), codegen


@intrinsic
def _marks(typingctx: Any, fine: Any, a: Any, b: Any, result: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        double = ir.DoubleType()
        unknown = builder.fcmp_unordered("uno", args[1], args[2])
        mark = builder.select(unknown, ir.Constant(double, NAN), ir.Constant(double, INF))
        return builder.select(args[0], args[3], mark)

    float64 = types.float64
    return float64(types.boolean, float64, float64, float64), codegen


@inline
def _every(condition: bool) -> bool:
    return condition


NATIVE = Primitives(
    function=inline,
    routine=part,
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
