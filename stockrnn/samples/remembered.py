"""What is computed of whole columns of prices again and again, kept for as long as the same columns are asked about."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result", bound=npt.NDArray[Any] | tuple[npt.NDArray[Any], ...])

# A training goes between all prices, those known and those of a fitting; each result is a few numbers a row.
_MOST = 3


def remembered(compute: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Let a function remember its last few results, which cannot be changed, by what its arguments hold.

    Arguments are arrays, prices tables, or what its `repr` tells all of.
    """
    kept: dict[bytes, Result] = {}
    lock = threading.Lock()

    @wraps(compute)
    def of_content(*parts: Parameters.args, **named: Parameters.kwargs) -> Result:
        key = _content((*parts, *named.items()))
        with lock:
            if key in kept:
                return kept[key]
        result = compute(*parts, **named)
        for array in result if isinstance(result, tuple) else (result,):
            array.flags.writeable = False
        with lock:
            kept[key] = result
            while len(kept) > _MOST:
                del kept[next(iter(kept))]
        return result

    return of_content


def _content(parts: tuple[Any, ...]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        for array in _arrays(part):
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
    return digest.digest()


def _arrays(part: Any) -> list[npt.NDArray[Any]]:
    if isinstance(part, np.ndarray):
        return [part]
    if not isinstance(part, pd.DataFrame):
        return [np.frombuffer(repr(part).encode(), np.uint8)]
    index = cast("pd.MultiIndex", part.index)
    said = repr((list(part.columns), list(index.levels[0]))).encode()
    sessions = index.get_level_values("session").to_numpy().astype("datetime64[s]").astype(np.int64)
    return [np.frombuffer(said, np.uint8), np.asarray(index.codes[0]), sessions, part.to_numpy()]
