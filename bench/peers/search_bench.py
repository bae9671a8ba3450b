"""usearch and LanceDB as lanes of the search benchmark: search_bench.py LANE build|search FOLDER RESULT.

Writes what bench/search/lane.ts reads. Both search with settings that reach a recall near 1 without a filter.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

WIDTH = 768
LIMIT = 24
ROUNDS = 5
FILTERS = {"none": 2, "1 %": 0, "10 %": 1}

lane, mode, folder, result = sys.argv[1:5]
FOLDER = Path(folder)
groups = np.fromfile(FOLDER / "groups.u8", dtype=np.uint8)
vectors = np.memmap(FOLDER / "vectors.f16", dtype=np.float16, mode="r").reshape(-1, WIDTH)
queries = np.fromfile(FOLDER / "queries.f32", dtype=np.float32).reshape(-1, WIDTH)


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def time_searches(search: Callable[[np.ndarray, str], list[int]]) -> dict:
    searches = {}
    for name in FILTERS:
        times, rows = [], []
        for round_ in range(ROUNDS):
            for query in queries:
                start = time.perf_counter()
                found = search(query, name)
                if round_ > 0:
                    times.append((time.perf_counter() - start) * 1000)
                else:
                    rows.append([int(row) for row in found])
        searches[name] = {"times": times, "rows": rows}
    return searches


def size_of(path: Path) -> int:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


USEARCH = FOLDER / "index.usearch"


def build_usearch() -> None:
    from usearch.index import Index

    index = Index(ndim=WIDTH, metric="ip", dtype="f16", expansion_search=256)
    for first in range(0, len(vectors), 8192):
        part = np.asarray(vectors[first : first + 8192])
        index.add(np.arange(first, first + len(part)), part)
    index.save(str(USEARCH))


def search_usearch() -> dict:
    from usearch.index import Index

    before, start = resident(), time.perf_counter()
    index = Index(ndim=WIDTH, metric="ip", dtype="f16", expansion_search=256)
    index.load(str(USEARCH))
    index.expansion_search = 256
    opened = time.perf_counter() - start

    # Its Python interface has no filters: more are asked for, and those that do not match are dropped.
    shares = {name: float((groups <= most).mean()) for name, most in FILTERS.items()}

    def search(query: np.ndarray, name: str) -> list[int]:
        count = LIMIT if name == "none" else int(LIMIT / shares[name] * 1.5)
        keys = index.search(query, min(count, len(vectors))).keys
        return keys[groups[keys] <= FILTERS[name]][:LIMIT].tolist()

    searches = time_searches(search)
    return {
        "open": opened,
        "disk": size_of(USEARCH),
        "memory": resident() - before,
        "searches": searches,
        "note": "filters by asking for 1.5 times as many as would hold 24 matches",
    }


LANCE = FOLDER / "lance"


def build_lancedb() -> None:
    import lancedb
    import pyarrow as pa

    shutil.rmtree(LANCE, ignore_errors=True)
    schema = pa.schema(
        [("row", pa.int64()), ("grp", pa.int64()), ("vector", pa.list_(pa.float16(), WIDTH))]
    )

    def batches():
        for first in range(0, len(vectors), 8192):
            part = np.asarray(vectors[first : first + 8192])
            yield pa.RecordBatch.from_arrays(
                [
                    pa.array(np.arange(first, first + len(part))),
                    pa.array(groups[first : first + len(part)].astype(np.int64)),
                    pa.FixedSizeListArray.from_arrays(pa.array(part.reshape(-1)), WIDTH),
                ],
                schema=schema,
            )

    table = lancedb.connect(LANCE).create_table("vectors", batches(), schema=schema)
    table.create_index(metric="dot", index_type="IVF_HNSW_SQ", vector_column_name="vector")
    table.create_scalar_index("grp")


def search_lancedb() -> dict:
    import lancedb

    before, start = resident(), time.perf_counter()
    table = lancedb.connect(LANCE).open_table("vectors")
    table.search(queries[0]).limit(1).select(["row"]).to_arrow()
    opened = time.perf_counter() - start

    def search(query: np.ndarray, name: str) -> list[int]:
        asked = table.search(query).distance_type("dot").nprobes(20).ef(256).refine_factor(4).limit(LIMIT)
        if name != "none":
            asked = asked.where(f"grp <= {FILTERS[name]}", prefilter=True)
        return asked.select(["row"]).to_arrow()["row"].to_pylist()

    return {
        "open": opened,
        "searches": time_searches(search),
        "disk": size_of(LANCE),
        "memory": resident() - before,
    }


LANES = {"usearch": (build_usearch, search_usearch), "lancedb": (build_lancedb, search_lancedb)}

if __name__ == "__main__":
    build, search = LANES[lane]
    if mode == "build":
        start = time.perf_counter()
        build()
        Path(result).write_text(json.dumps(time.perf_counter() - start))
    else:
        seconds = json.loads(Path(f"{result}.build").read_text())
        Path(result).write_text(json.dumps({"build": seconds, **search()}))
