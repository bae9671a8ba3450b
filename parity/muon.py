"""Reference for Muon on four matrices: torch.optim.Muon, in float64.

    python parity/muon.py        # rewrites parity/fixtures/optimizer/muon.safetensors

torch orthogonalizes in bfloat16, which would hide an error of a per cent: its cast is made one to float64 here, and the
rest of its code runs as it is. Its weight decay is multiplied by the learning rate and SigLIP's is not, so it is given
decay / rate. Gradients are clipped by their norm together (steps 0 and 2 exceed it), as our graph does.
"""

from __future__ import annotations

import torch
from fixture import FIXTURES, normal, write_fixture

SHAPES = {"square": (6, 6), "wide": (4, 9), "tall": (9, 4), "zero": (3, 2)}
GRADIENT_SCALES = [2.0, 0.05, 0.7, 0.01]
RATE, DECAY, MOMENTUM, CLIP = 0.03, 0.02, 0.95, 1.0


def main() -> None:
    parameters = {
        name: torch.nn.Parameter(torch.tensor(normal(f"muon.{name}", shape)).double()) for name, shape in SHAPES.items()
    }
    tensors: dict[str, object] = {"learning_rate": RATE, "weight_decay": DECAY, "momentum": MOMENTUM, "clip_norm": CLIP}
    tensors |= {f"initial.{name}": value.clone() for name, value in parameters.items()}
    optimizer = torch.optim.Muon(
        parameters.values(), lr=RATE, weight_decay=DECAY / RATE, momentum=MOMENTUM, adjust_lr_fn="match_rms_adamw"
    )
    torch.Tensor.bfloat16 = torch.Tensor.double
    for step, scale in enumerate(GRADIENT_SCALES):
        for name, parameter in parameters.items():
            gradient = scale * normal(f"muon.gradient.{step}.{name}", SHAPES[name]) * (name != "zero")
            tensors[f"step.{step}.gradient.{name}"] = gradient
            parameter.grad = torch.tensor(gradient).double()
        torch.nn.utils.clip_grad_norm_(parameters.values(), CLIP)
        optimizer.step()
        for name, parameter in parameters.items():
            tensors[f"step.{step}.parameter.{name}"] = parameter.clone()
            tensors[f"step.{step}.momentum.{name}"] = optimizer.state[parameter]["momentum_buffer"].clone()
    write_fixture(FIXTURES / "optimizer" / "muon.safetensors", tensors, source=f"parity/muon.py, torch {torch.__version__}")


if __name__ == "__main__":
    main()
