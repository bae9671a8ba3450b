"""Reference fixtures and checks for src/checkpoint.

  python parity/checkpoint.py fixtures       writes parity/fixtures/checkpoint/ (needs numpy, torch, safetensors)
  python parity/checkpoint.py load [TOKENIZER_JSON]
                                             saves tiny models with our code and asserts that `transformers` loads
                                             them: every tensor, the image processor and, if given, the tokenizer
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

OUT = Path(__file__).parent / "fixtures" / "checkpoint"


def halves():
    """float32 values and their float16 (numpy) and bfloat16 (torch) roundings, as bits."""
    import torch
    from safetensors.numpy import save_file

    rng = np.random.default_rng(1)
    patterns = rng.integers(0, 2**32, 2048, dtype=np.uint32)
    # Dense where rounding is delicate: half's normal and subnormal range, ties and their neighbours.
    near = (rng.integers(0x32800000, 0x47900000, 2048, dtype=np.uint32) & ~np.uint32(0x1FFF)) | np.uint32(0x1000)
    jitter = rng.integers(-1, 2, 2048).astype(np.int32)
    near = (near.astype(np.int64) + jitter).astype(np.uint32)
    bits = np.concatenate([patterns, near])
    values = bits.view(np.float32)
    values = values[~np.isnan(values)]
    with np.errstate(over="ignore"):
        f16 = values.astype(np.float16).view(np.int16)
    bf16 = torch.from_numpy(values.copy()).to(torch.bfloat16).view(torch.int16).numpy()
    save_file(
        {"float32": values, "float16": f16.astype(np.int32) & 0xFFFF, "bfloat16": bf16.astype(np.int32) & 0xFFFF},
        OUT / "halves.safetensors",
    )


def reference_file():
    """A file written by the reference implementation: every dtype we know, odd names, an empty tensor, a scalar."""
    import torch
    from safetensors.torch import save_file

    ramp = torch.arange(12, dtype=torch.float32).reshape(3, 4) / 8 - 0.5
    save_file(
        {
            "weight": ramp,
            "a.weight": ramp.flip(0).contiguous(),
            "10": torch.tensor([1.5]),
            "half": ramp.half(),
            "brain": ramp.bfloat16(),
            "ints": torch.tensor([-1, 0, 2**31 - 1], dtype=torch.int32),
            "longs": torch.tensor([-(2**53), 2**62], dtype=torch.int64),
            "bytes": torch.arange(5, dtype=torch.uint8),
            "flags": torch.tensor([True, False, True]),
            "empty": torch.zeros(0, 3),
            "scalar": torch.tensor(2.5),
            "näme \"quoted\" \u65e5\u672c": torch.tensor([3.0]),
        },
        OUT / "reference.safetensors",
        metadata={"format": "pt"},
    )


def fixtures():
    OUT.mkdir(parents=True, exist_ok=True)
    halves()
    reference_file()


def check_model(directory):
    """No key missing, unexpected or of another shape; tensor n holds n + i/4096 in the order of our names."""
    import torch
    from transformers import AutoImageProcessor, AutoModel

    model, info = AutoModel.from_pretrained(directory, output_loading_info=True)
    for kind, keys in info.items():
        assert not keys, f"{directory.name}: {kind}: {keys}"
    state = model.state_dict()
    firsts = sorted(int(tensor.flatten()[0]) for tensor in state.values())
    assert firsts == list(range(len(state))), firsts
    for name, tensor in state.items():
        flat = tensor.flatten()
        assert torch.equal(flat, flat[0] + torch.arange(len(flat)) / 4096), name
    assert model.config.text_config.eos_token_id == 1
    processor = AutoImageProcessor.from_pretrained(directory)
    image = np.full((20, 40, 3), 255, dtype=np.uint8)
    pixels = processor(images=image, return_tensors="pt")
    texts = torch.zeros(2, 8, dtype=torch.int64)
    with torch.no_grad():
        out = model(input_ids=texts, **pixels)
    assert out.logits_per_image.shape == (1, 2)
    assert float(pixels["pixel_values"].max()) == 1.0
    return f"{type(model).__name__}, {len(state)} tensors, {type(processor).__name__} {tuple(pixels['pixel_values'].shape)}"


def check_tokenizer(directory, length):
    """The text half of AutoProcessor: lower-cased, no bos, one eos, padded to the text length with 0."""
    from transformers import AutoProcessor

    processor = AutoProcessor.from_pretrained(directory)
    encode = lambda text: processor(text=[text], padding="max_length", max_length=length, truncation=True)["input_ids"][0]
    ids = list(encode("A CAT"))
    assert ids == list(encode("a cat")), ids
    eos = ids.index(1)
    assert 2 not in ids and 0 < eos and ids[eos + 1 :] == [0] * (length - eos - 1), ids
    return f"{type(processor.tokenizer).__name__} {ids}"


def load(tokenizer):
    with tempfile.TemporaryDirectory() as root:
        script = Path(__file__).with_name("checkpoint_save.ts")
        subprocess.run(["npx", "tsx", script, root, *tokenizer], check=True)
        for directory in sorted(Path(root).iterdir()):
            print(directory.name, "ok:", check_model(directory))
            if tokenizer:
                print(directory.name, "ok:", check_tokenizer(directory, 8))


if __name__ == "__main__":
    command = sys.argv[1] if len(sys.argv) > 1 else "fixtures"
    if command == "fixtures":
        fixtures()
    elif command == "load":
        load(sys.argv[2:])
    else:
        sys.exit(__doc__)
