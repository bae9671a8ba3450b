"""Writes the small ONNX models that test/tensor/session runs: `python parity/session.py`.

Their expected outputs are closed forms that stand in the tests.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h

OUT = Path(__file__).parent / "fixtures" / "session"
F32, BF16 = T.FLOAT, T.BFLOAT16


def value(name, dtype, shape):
    return h.make_tensor_value_info(name, dtype, shape)


def save(name, nodes, inputs, outputs, initializers=()):
    graph = h.make_graph(nodes, name, inputs, outputs, initializer=list(initializers))
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 21)], ir_version=10)
    model.producer_name = "siglip2"
    if not any(i.data_location == T.EXTERNAL for i in initializers):  # The checker opens external files.
        onnx.checker.check_model(model)
    (OUT / f"{name}.onnx").write_bytes(model.SerializeToString())


def external(name, shape, file, offset):
    """An initializer whose numbers stand in `file` from byte `offset` on."""
    tensor = T(name=name, data_type=F32, dims=shape, data_location=T.EXTERNAL)
    length = 4 * int(np.prod(shape))
    for key, text in {"location": file, "offset": offset, "length": length}.items():
        tensor.external_data.add(key=key, value=str(text))
    return tensor


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    # z = x + y, s = row sums of z: symbolic sizes.
    axis = h.make_tensor("axis", T.INT64, [1], [1])
    save(
        "add",
        [h.make_node("Add", ["x", "y"], ["z"]), h.make_node("ReduceSum", ["z", "axis"], ["s"], keepdims=0)],
        [value("x", F32, ["rows", "columns"]), value("y", F32, ["rows", "columns"])],
        [value("z", F32, ["rows", "columns"]), value("s", F32, ["rows"])],
        [axis],
    )
    # z = x + y with every size stated.
    save(
        "add_static",
        [h.make_node("Add", ["x", "y"], ["z"])],
        [value("x", F32, [2, 3]), value("y", F32, [2, 3])],
        [value("z", F32, [2, 3])],
    )
    # One Identity per dtype.
    types = {"float32": F32, "float16": T.FLOAT16, "int32": T.INT32}
    types |= {"int64": T.INT64, "uint8": T.UINT8, "bool": T.BOOL}
    save(
        "dtypes",
        [h.make_node("Identity", [name], [f"{name}_out"]) for name in types],
        [value(name, dtype, ["n"]) for name, dtype in types.items()],
        [value(f"{name}_out", dtype, ["n"]) for name, dtype in types.items()],
    )
    save(
        "bfloat16",
        [h.make_node("Identity", ["x"], ["y"])],
        [value("x", BF16, ["n"])],
        [value("y", BF16, ["n"])],
    )
    save(
        "scalar",
        [h.make_node("Neg", ["x"], ["y"])],
        [value("x", F32, [])],
        [value("y", F32, [])],
    )
    # The number of columns is known only after the run.
    save(
        "nonzero",
        [h.make_node("NonZero", ["x"], ["y"])],
        [value("x", F32, ["n"])],
        [value("y", T.INT64, [1, None])],
    )
    # Fails when it runs with an index outside [-3, 3).
    table = h.make_tensor("table", F32, [3], [1.0, 2.0, 3.0])
    save(
        "gather",
        [h.make_node("Gather", ["table", "index"], ["y"], name="lookup")],
        [value("index", T.INT64, ["n"])],
        [value("y", F32, ["n"])],
        [table],
    )
    # y = x·weight + bias. The weights are external: in a file that the test writes, or handed over by it.
    save(
        "linear_external",
        [h.make_node("MatMul", ["x", "weight"], ["xw"]), h.make_node("Add", ["xw", "bias"], ["y"])],
        [value("x", F32, ["n", 64])],
        [value("y", F32, ["n", 48])],
        [external("weight", [64, 48], "weights.safetensors", 4096), external("bias", [48], "weights.safetensors", 4096 + 4 * 64 * 48)],
    )
    # y = table[index] with an external table, which no kernel packs into a form of its own.
    save(
        "gather_external",
        [h.make_node("Gather", ["table", "index"], ["y"])],
        [value("index", T.INT64, ["n"])],
        [value("y", F32, ["n", 256])],
        [external("table", [64, 256], "weights.safetensors", 0)],
    )
    # Three matrix products in a row: long enough for garbage collections during a run.
    save(
        "chain",
        [h.make_node("MatMul", [a, "w"], [b]) for a, b in (("x", "a"), ("a", "b"), ("b", "y"))],
        [value("x", F32, ["n", "n"]), value("w", F32, ["n", "n"])],
        [value("y", F32, ["n", "n"])],
    )


if __name__ == "__main__":
    main()
