"""NaFlex at several lengths: what transformers gives, and whether an ONNX export gives the same.

    python parity/naflex.py                       # rewrites parity/fixtures/model/lengths.json (torch, transformers)
    npx tsx parity/naflex_export.ts DIR           # exports of the tiny models at every opset, float32 and float16
    python parity/naflex.py --check DIR           # runs them (onnxruntime and numpy alone), one line an export
    python parity/naflex.py --released MODEL ONNX # a whole model: its folder, and its export by `siglip2 export`

Inputs are closed forms (`pixels`, `ids`), so that the fixture holds results only. Each length has a square, a wide and a
thin picture that does not fill it. `--check` is how docs/naflex.md's table of opsets was made: once for each version of
onnxruntime, of which the oldest need an older Python.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

MODELS = Path(__file__).parent / "fixtures" / "model"
FIXTURE = MODELS / "lengths.json"
GRIDS = {
    64: [(8, 8), (4, 16), (2, 30)],
    256: [(16, 16), (8, 32), (1, 130)],
    576: [(24, 24), (12, 48), (5, 113)],
    1024: [(32, 32), (16, 64), (2, 500)],
}
TEXTS, TOKENS = 4, 16
# Other kernels add in another order; half precision rounds weights to 2^-11 of themselves.
TOLERANCE = {"float32": 2e-5, "float16": 1e-2}


def pixels(shape: tuple[int, ...], seed: int) -> np.ndarray:
    return np.sin(np.arange(np.prod(shape)) * 0.7 + seed).reshape(shape).astype(np.float32)


def ids(vocabulary: int, tokens: int = TOKENS) -> np.ndarray:
    return (np.arange(TEXTS * tokens).reshape(TEXTS, tokens) * 7 % (vocabulary - 4) + 4).astype(np.int64)


def naflex_inputs(length: int, patch: int) -> dict[str, np.ndarray]:
    grids = np.array(GRIDS[length], np.int64)
    mask = (np.arange(length)[None] < grids.prod(1)[:, None]).astype(np.int64)
    values = pixels((len(grids), length, 3 * patch * patch), length) * mask[:, :, None].astype(np.float32)
    return {"pixel_values": values, "pixel_attention_mask": mask, "spatial_shapes": grids}


def cases() -> list[tuple[str, int, dict[str, np.ndarray]]]:
    """(kind, length, inputs); the fixed model has no length."""
    fixed = ("fixed", 0, {"pixel_values": pixels((3, 3, 16, 16), 0), "input_ids": ids(96)})
    naflex = [("naflex", n, {**naflex_inputs(n, 4), "input_ids": ids(96)}) for n in GRIDS]
    return [fixed, *naflex]


NAMES = ("image_embeds", "text_embeds", "logits_per_text")


def reference(model, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    import torch

    with torch.no_grad():
        output = model(**{name: torch.from_numpy(value) for name, value in inputs.items()})
    return {name: getattr(output, name).numpy() for name in NAMES}


def write() -> None:
    import model as reference_model  # Also mends torch's resize of narrow grids, see there.
    from transformers import Siglip2Model, SiglipModel

    kinds = {"fixed": SiglipModel, "naflex": Siglip2Model}
    models = {
        kind: cls.from_pretrained(MODELS / f"tiny-{kind}", attn_implementation="eager").eval()
        for kind, cls in kinds.items()
    }
    assert reference_model.resize_positions
    results = [
        {"kind": kind, "length": length, "grids": GRIDS.get(length, []), **{
            name: [[round(float(v), 8) for v in row] for row in value]
            for name, value in reference(models[kind], inputs).items()
        }}
        for kind, length, inputs in cases()
    ]
    FIXTURE.write_text(json.dumps({"source": "parity/naflex.py", "cases": results}) + "\n")
    print(f"{FIXTURE} ({FIXTURE.stat().st_size:,} bytes)")


def run(path: Path, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    own = {one.name: inputs[one.name] for one in session.get_inputs()}
    return dict(zip(names, session.run(names, own)))


def worst(actual: dict[str, np.ndarray], expected: dict[str, object]) -> float:
    """The largest difference of the unit vectors and of the logits, which are some times as large."""
    parts = [
        np.abs(actual["image_embeds"] - np.array(expected["image_embeds"])).max(),
        np.abs(actual["text_embeds"] - np.array(expected["text_embeds"])).max(),
        np.abs(actual["logits_per_text"] - np.array(expected["logits_per_text"])).max() / 10,
    ]
    return float(max(parts))


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def check(directory: Path) -> bool:
    import onnxruntime

    expected = {(case["kind"], case["length"]): case for case in json.loads(FIXTURE.read_text())["cases"]}
    fine = True
    for export in sorted(directory.iterdir()):
        kind, opset, dtype = export.name.split("-")
        suffix = "_fp16" if dtype == "float16" else ""
        found: dict[int, float] = {}
        try:
            for case_kind, length, inputs in cases():
                if case_kind != kind:
                    continue
                wanted = expected[kind, length]
                both = run(export / f"onnx/model{suffix}.onnx", inputs)
                found[length] = worst(both, wanted)
                for tower, name in (("vision_model", "image_embeds"), ("text_model", "text_embeds")):
                    pooled = run(export / f"onnx/{tower}{suffix}.onnx", inputs)["pooler_output"]
                    found[length] = max(found[length], float(np.abs(unit(pooled) - np.array(wanted[name])).max()))
            passed = max(found.values()) < TOLERANCE[dtype]
            text = "  ".join(f"{length or 'fixed'}: {value:.1e}" for length, value in found.items())
        except Exception as error:  # What a runtime that is too old says.
            passed, text = False, str(error).splitlines()[0][:160]
        fine &= passed
        mark = "ok  " if passed else "FAIL"
        print(f"onnxruntime {onnxruntime.__version__}  {export.name:18} {mark} {text}")
    return fine


def as_documented(model, folder: Path, export: Path) -> bool:
    """The lines of docs/naflex.md."""
    import onnxruntime
    import torch
    from PIL import Image
    from transformers import AutoImageProcessor

    images = [Image.effect_noise((300, 200), 60).convert("RGB"), Image.effect_noise((64, 640), 60).convert("RGB")]
    session = onnxruntime.InferenceSession(str(export / "onnx/vision_model.onnx"))
    processor = AutoImageProcessor.from_pretrained(folder)
    pixels = processor(images=images, max_num_patches=576, return_tensors="np")
    pixels["pixel_attention_mask"] = pixels["pixel_attention_mask"].astype("int64")
    [pooled] = session.run(["pooler_output"], dict(pixels))
    with torch.no_grad():
        expected = model.vision_model(**{k: torch.from_numpy(v) for k, v in dict(pixels).items()}).pooler_output
    found = float(np.abs(unit(pooled) - unit(expected.numpy())).max())
    print(f"as documented, with transformers' processor: largest difference {found:.1e}")
    return found < 1e-4


def released(model_folder: Path, export: Path) -> bool:
    """A whole model at every length, against transformers in float32."""
    import model as reference_model
    from transformers import Siglip2Model

    assert reference_model.resize_positions
    model = Siglip2Model.from_pretrained(model_folder, attn_implementation="eager", dtype="float32").eval()
    text, patch = model.config.text_config, model.config.vision_config.patch_size
    fine = as_documented(model, model_folder, export)
    for length in GRIDS:
        inputs = {**naflex_inputs(length, patch), "input_ids": ids(text.vocab_size, text.max_position_embeddings)}
        actual = run(export / "onnx/model.onnx", inputs)
        found = worst(actual, reference(model, inputs))
        fine &= found < 1e-4
        print(f"{length} patches: largest difference {found:.1e}")
    return fine


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", type=Path)
    parser.add_argument("--released", type=Path, nargs=2)
    options = parser.parse_args()
    if options.check:
        sys.exit(not check(options.check))
    if options.released:
        sys.exit(not released(*options.released))
    write()


if __name__ == "__main__":
    main()
