"""Reference values and gradients of self-distillation and masked prediction (SigLIP 2, section 2.3).

    python parity/self_supervision.py        # rewrites parity/fixtures/self_supervision/tiny.safetensors

The student is the vision tower of parity/fixtures/model/tiny-fixed, the teacher is the same tower with every
parameter times 0.8 (so that the file need not hold it). Two pictures, three local views of 12 pixels each (a 3 x 3
grid whose positions are the 4 x 4 ones resized), one global view of 16 pixels, half of whose patches are masked.

Written from DINO, iBOT and the paper's description, in their own terms and not in those of the TypeScript: whole logits,
log_softmax, torch's weight_norm, the mask as a boolean array, torch's antialiased F.interpolate for the positions.
Everything is computed in float64 and rounded to float32 when stored.

Gradients of encoder k_proj.bias are zero in exact arithmetic, and so is the middle third of in_proj_bias.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from fixture import FIXTURES, normal, write_fixture
from torch import nn
from transformers import SiglipVisionModel

PICTURES, VIEWS, GRID, WIDTH = 2, 3, 4, 32
TOKENS = GRID * GRID
HIDDEN, BOTTLENECK = 20, 8
PROTOTYPES = {"distillation_head": 12, "masked_prediction_head": 10}
CENTRES = {"distillation_head": "distillation", "masked_prediction_head": "masked_prediction"}
STUDENT_TEMPERATURE, TEACHER_TEMPERATURE = 0.1, 0.04
TEACHER_SCALE = 0.8
CENTRE_MOMENTUM, TEACHER_MOMENTUM, LEARNING_RATE = 0.9, 0.966, 5.0
WEIGHTS = {"distillation_head": 1.0, "masked_prediction_head": 0.25}
SIZE_FACTOR = 0.25


class Head(nn.Module):
    """DINO's head: three layers, normalised bottleneck, weight-normed last layer with gain 1."""

    def __init__(self, prototypes: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(WIDTH, HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.fc3 = nn.Linear(HIDDEN, BOTTLENECK)
        self.prototypes = nn.Linear(BOTTLENECK, prototypes, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.gelu(self.fc1(x), approximate="tanh")
        x = self.fc3(F.gelu(self.fc2(x), approximate="tanh"))
        direction = self.prototypes.weight
        weight = torch._weight_norm(direction, direction.new_ones(len(direction), 1), 0)
        return F.linear(F.normalize(x, dim=-1), weight)


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        directory = FIXTURES / "model" / "tiny-fixed"
        # "sdpa", because the eager form rounds its softmax to float32 even in a float64 model.
        tower = SiglipVisionModel.from_pretrained(directory, attn_implementation="sdpa", dtype=torch.float64)
        self.vision_model = getattr(tower, "vision_model", tower)
        self.distillation_head = Head(PROTOTYPES["distillation_head"])
        self.masked_prediction_head = Head(PROTOTYPES["masked_prediction_head"])
        self.masked_prediction_head.mask_token = nn.Parameter(torch.zeros(WIDTH))
        for name, parameter in self.named_parameters():
            if not name.startswith("vision_model"):
                # float32 values, so that both sides start from the same numbers
                parameter.data = torch.from_numpy(0.5 * normal(f"ssl.{name}", tuple(parameter.shape))).double()

    def tower(self, pixels: torch.Tensor, masked: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """(pooled [B, d], tokens [B, T, d]); masked: bool [B, T]."""
        model = self.vision_model
        patches = model.embeddings.patch_embedding(pixels).flatten(2).transpose(1, 2)
        if masked is not None:
            token = self.masked_prediction_head.mask_token
            patches = torch.where(masked[..., None], token, patches)
        side = pixels.shape[-1] // 4
        grid = model.embeddings.position_embedding.weight.reshape(1, GRID, GRID, WIDTH).permute(0, 3, 1, 2)
        if side != GRID:
            grid = F.interpolate(grid, size=(side, side), mode="bilinear", align_corners=False, antialias=True)
        hidden = patches + grid.flatten(2).transpose(1, 2)
        for layer in model.encoder.layers:
            output = layer(hidden, attention_mask=None)
            hidden = output if isinstance(output, torch.Tensor) else output[0]
        tokens = model.post_layernorm(hidden)
        return model.head(tokens), tokens


def assignment_loss(
    student: torch.Tensor, teacher: torch.Tensor, centre: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """(cross-entropy, teacher entropy), both means. student: [R, V, K], teacher: [R, K]."""
    p = F.softmax((teacher - centre) / TEACHER_TEMPERATURE, dim=-1)
    loss = torch.sum(-p[:, None] * F.log_softmax(student / STUDENT_TEMPERATURE, dim=-1), dim=-1).mean()
    return loss, torch.distributions.Categorical(probs=p).entropy().mean()


def main() -> None:
    student, teacher = Network(), Network()
    with torch.no_grad():
        for parameter in teacher.parameters():
            parameter *= TEACHER_SCALE
    parameters = dict(student.named_parameters())
    global_views = torch.from_numpy(normal("ssl.global", (PICTURES, 3, 16, 16))).double()
    local_views = torch.from_numpy(normal("ssl.local", (PICTURES * VIEWS, 3, 12, 12))).double()
    order = torch.from_numpy(normal("ssl.mask", (PICTURES, TOKENS))).argsort(1)
    positions = order[:, : TOKENS // 2].sort(1).values
    masked = torch.zeros(PICTURES, TOKENS, dtype=torch.bool).scatter_(1, positions, True)

    with torch.no_grad():
        pooled, tokens = teacher.tower(global_views)
        targets = {
            "distillation_head": teacher.distillation_head(pooled),
            "masked_prediction_head": teacher.masked_prediction_head(tokens[masked]),
        }
    # Near the mean, as a running mean is: far from it one prototype takes all, and the entropy is nearly zero.
    centres = {
        name: (target.mean(0) + 0.05 * torch.from_numpy(normal(f"ssl.centre.{name}", target.shape[1:]))).float().double()
        for name, target in targets.items()
    }
    local = student.distillation_head(student.tower(local_views)[0])
    patches = student.masked_prediction_head(student.tower(global_views, masked)[1][masked])
    outputs = {
        "distillation_head": local.reshape(PICTURES, VIEWS, -1),
        "masked_prediction_head": patches[:, None],
    }
    results = {name: assignment_loss(outputs[name], targets[name], centres[name]) for name in CENTRES}
    loss = SIZE_FACTOR * sum(WEIGHTS[name] * results[name][0] for name in CENTRES)
    loss.backward()

    # One plain gradient step, then the teacher moves towards what came out of it.
    with torch.no_grad():
        moved = {name: value - LEARNING_RATE * value.grad for name, value in parameters.items()}
        next_teacher = {
            name: TEACHER_MOMENTUM * value + (1 - TEACHER_MOMENTUM) * moved[name]
            for name, value in teacher.named_parameters()
        }
        next_centre = {
            name: CENTRE_MOMENTUM * centres[name] + (1 - CENTRE_MOMENTUM) * targets[name].mean(0) for name in CENTRES
        }

    heads = {name: value for name, value in parameters.items() if not name.startswith("vision_model")}
    # The teacher's tower moves by one rule: its embeddings stand for the rest.
    followed = [name for name in next_teacher if "head." in name or "embeddings" in name]
    followed = [name for name in followed if not name.startswith("vision_model.head") and "mask_token" not in name]
    write_fixture(
        FIXTURES / "self_supervision" / "tiny.safetensors",
        {
            "global_views": global_views,
            "local_views": local_views,
            "masked_positions": positions,
            **heads,
            **{f"centre.{CENTRES[name]}": value for name, value in centres.items()},
            "loss": loss,
            "self_distillation": results["distillation_head"][0],
            "masked_prediction": results["masked_prediction_head"][0],
            "teacher_entropy": results["distillation_head"][1],
            "patch_teacher_entropy": results["masked_prediction_head"][1],
            **{f"gradient.{name}": value.grad for name, value in parameters.items()},
            **{f"next.teacher.{name}": next_teacher[name] for name in followed},
            **{f"next.centre.{CENTRES[name]}": value for name, value in next_centre.items()},
        },
        source="parity/self_supervision.py, of parity/fixtures/model/tiny-fixed",
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
