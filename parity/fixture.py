"""What the reference scripts share: seeded numbers and the fixture file format.

A fixture is a safetensors file holding F32 tensors (I32 for ids, masks and shapes), so the
TypeScript reader under test opens it like any checkpoint. Its metadata entry `source` says how it was made.
"""

from __future__ import annotations

import math
import os
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

FIXTURES = Path(__file__).parent / "fixtures"


def normal(name: str, shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    """Standard normal float32 numbers that depend only on (name, shape, seed).

    RandomState's stream is frozen by NumPy's compatibility policy, and a stream per name means that
    adding a tensor never changes the others.
    """
    state = np.random.RandomState((zlib.crc32(name.encode()) + seed) % 2**32)
    return state.standard_normal(math.prod(shape)).reshape(shape).astype(np.float32)


def integers(name: str, shape: tuple[int, ...], low: int, high: int, seed: int = 0) -> np.ndarray:
    """Uniform int32 numbers in [low, high), reproducible like `normal`."""
    state = np.random.RandomState((zlib.crc32(name.encode()) + seed) % 2**32)
    return state.randint(low, high, shape).astype(np.int32)


def stored(value: object) -> np.ndarray:
    """A torch or NumPy value as the file keeps it: integers as I32, the rest as F32, never rank 0."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    array = np.atleast_1d(np.asarray(value))
    kind = np.int32 if array.dtype.kind in "iub" else np.float32
    array = np.ascontiguousarray(array.astype(kind))
    assert np.isfinite(array).all(), "a fixture must not hold NaN or infinity"
    return array


def write_fixture(path: Path, tensors: Mapping[str, object], source: str) -> None:
    """Write a fixture (temporary file, then rename) and print its names and shapes.

    One metadata entry only: safetensors writes several in random order, and reruns must not differ.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {name: stored(value) for name, value in tensors.items()}
    temporary = path.with_name(path.name + ".tmp")
    save_file(arrays, temporary, metadata={"source": source})
    os.replace(temporary, path)
    print(f"{path} ({path.stat().st_size:,} bytes)")
    for name, array in arrays.items():
        print(f"  {name} {array.dtype} {list(array.shape)}")
