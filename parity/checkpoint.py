"""Reference fixtures and checks for src/checkpoint.

  python parity/checkpoint.py fixtures       writes parity/fixtures/checkpoint/ (needs numpy, torch, safetensors)
  python parity/checkpoint.py load DIR...    asserts that Python `transformers` loads each saved model directory
"""

import sys
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


if __name__ == "__main__":
    command = sys.argv[1] if len(sys.argv) > 1 else "fixtures"
    if command == "fixtures":
        fixtures()
    else:
        sys.exit(__doc__)
