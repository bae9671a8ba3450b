"""Reference values and gradients of the sigmoid loss of SigLIP (arXiv 2303.15343).

    python parity/loss.py        # rewrites parity/fixtures/loss/*

L = (1/B) sum_ij softplus(-z_ij * (exp(t') <x_i, y_j> + b)), with x, y normalised as v / (||v|| + 1e-8),
z_ij = +1 for a pair and -1 otherwise, and B the number of images (rows), never the number of logits.

Everything is computed in float64 from inputs that are exact in float32, and rounded to float32 when
stored: what an implementation shows against these files is its own rounding. Autograd's gradients are
held to closed forms, to central differences and to the chunked sum before anything is written.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from fixture import FIXTURES, integers, normal, write_fixture
from model import TINY, inputs_for
from transformers import SiglipModel

OUT = FIXTURES / "loss"
EPSILON = 1e-8


def normalised(vectors: torch.Tensor) -> torch.Tensor:
    return vectors / (vectors.norm(dim=-1, keepdim=True) + EPSILON)


def logits_of(x: torch.Tensor, y: torch.Tensor, t: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """[images, texts] logits of unnormalised embeddings; t is the logarithm of the temperature."""
    return t.exp() * normalised(x) @ normalised(y).T + b


def sigmoid_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.softplus(-labels * logits).sum() / logits.shape[0]


def chunked_loss(logits: torch.Tensor, chunk: int) -> torch.Tensor:
    """The memory-saving form for paired rows (SigLIP, section 3.3): every block as negatives, then the diagonal corrected by -l."""
    columns = logits.split(chunk, dim=1)
    negatives = sum(torch.nn.functional.softplus(block).sum() for block in columns)
    return (negatives - logits.diagonal().sum()) / logits.shape[0]


def closed_form(x: np.ndarray, y: np.ndarray, t: float, b: float, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Gradients by hand: dL/dl = -(1/B) z sigmoid(-z l), then through the product and the normalisation."""

    def back(gradient: np.ndarray, v: np.ndarray) -> np.ndarray:
        norm = np.linalg.norm(v, axis=1, keepdims=True)
        along = (gradient * v).sum(1, keepdims=True) * v / (norm * (norm + EPSILON) ** 2)
        return gradient / (norm + EPSILON) - along

    unit_x = x / (np.linalg.norm(x, axis=1, keepdims=True) + EPSILON)
    unit_y = y / (np.linalg.norm(y, axis=1, keepdims=True) + EPSILON)
    cosines = unit_x @ unit_y.T
    logits = math.exp(t) * cosines + b
    d_logits = -labels / (1 + np.exp(labels * logits)) / len(x)
    return {
        "x": back(math.exp(t) * d_logits @ unit_y, x),
        "y": back(math.exp(t) * d_logits.T @ unit_x, y),
        "log_temperature": np.array([(d_logits * math.exp(t) * cosines).sum()]),
        "bias": np.array([d_logits.sum()]),
        "logits": d_logits,
    }


def embedding_fixture(x: np.ndarray, y: np.ndarray, labels: np.ndarray, t: float, b: float) -> dict[str, object]:
    values = {"x": x, "y": y, "log_temperature": np.float32([t]), "bias": np.float32([b])}
    leaves = {name: torch.from_numpy(value).double().requires_grad_() for name, value in values.items()}
    target = torch.from_numpy(labels).double()
    logits = logits_of(*leaves.values())
    logits.retain_grad()
    loss = sigmoid_loss(logits, target)
    loss.backward()
    gradients = {name: leaf.grad for name, leaf in leaves.items()} | {"logits": logits.grad}

    doubles = {name: value.astype(np.float64) for name, value in values.items()}
    by_hand = closed_form(
        doubles["x"], doubles["y"], doubles["log_temperature"][0], doubles["bias"][0], labels.astype(np.float64)
    )
    for name, gradient in gradients.items():
        np.testing.assert_allclose(gradient.numpy(), by_hand[name], rtol=1e-9, atol=1e-12)
    if labels.shape[0] == labels.shape[1]:
        for chunk in (1, 5, len(labels)):
            torch.testing.assert_close(chunked_loss(logits, chunk), loss, rtol=1e-12, atol=0)
    return {
        **values,
        "labels": labels,
        "normalised.x": normalised(leaves["x"]),
        "normalised.y": normalised(leaves["y"]),
        "logits": logits,
        "loss": loss,
        **{f"gradient.{name}": gradient for name, gradient in gradients.items()},
    }


def write_pairs() -> None:
    """Twelve image-text pairs; row norms differ by a factor of several, so normalisation matters."""
    scales = np.linspace(0.3, 4, 12, dtype=np.float32)[:, None]
    x, y = normal("loss.x", (12, 16)) * scales, normal("loss.y", (12, 16)) * scales[::-1]
    labels = 2 * np.eye(12, dtype=np.float32) - 1
    tensors = embedding_fixture(x, np.ascontiguousarray(y), labels, t=1.5, b=-1.25)
    write_fixture(OUT / "pairs.safetensors", tensors, source="parity/loss.py")


def write_several_texts() -> None:
    """Six images with 1 to 5 texts each, in mixed order; `owner` says which image a text describes."""
    owner = np.array([3, 0, 5, 4, 2, 5, 1, 5, 4, 3, 2, 5, 1, 4, 3, 5, 2, 4], np.int32)
    assert sorted(np.bincount(owner)) == [1, 2, 3, 3, 4, 5]
    labels = np.where(owner[None] == np.arange(6)[:, None], 1, -1).astype(np.float32)
    x, y = normal("several.x", (6, 16)), 2 * normal("several.y", (18, 16))
    tensors = {"owner": owner, **embedding_fixture(x, y, labels, t=2.0, b=-0.75)}
    write_fixture(OUT / "several_texts.safetensors", tensors, source="parity/loss.py")


def write_sanity() -> None:
    """The loss at the start of training: 32,768 orthogonal pairs at temperature 10 and bias -10."""
    rows, bias = 32768, -10.0
    positive, negatives = math.log1p(math.exp(-bias)), (rows - 1) * math.log1p(math.exp(bias))
    assert abs(positive - 10.00005) < 1e-5 and abs(negatives - 1.4876) < 1e-4
    tensors = {"rows": np.int32(rows), "log_temperature": math.log(10), "bias": bias}
    tensors |= {"positive": positive, "negatives": negatives, "loss": positive + negatives}
    write_fixture(OUT / "sanity.safetensors", tensors, source="parity/loss.py")


def model_loss(model: SiglipModel, feeds: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """(loss, logits [images, texts]) of a whole model on paired rows, normalised as big_vision does."""
    dtype = next(model.parameters()).dtype
    images = model.vision_model(pixel_values=feeds["pixel_values"].to(dtype)).pooler_output
    texts = model.text_model(input_ids=feeds["input_ids"].long()).pooler_output
    logits = logits_of(images, texts, model.logit_scale, model.logit_bias)
    return sigmoid_loss(logits, 2 * torch.eye(len(logits), dtype=dtype) - 1), logits


def check_directions(model: SiglipModel, feeds: dict[str, torch.Tensor]) -> None:
    """Hold each gradient to the loss's central difference along one random direction of its tensor."""
    for name, parameter in model.named_parameters():
        direction = torch.from_numpy(normal(f"direction.{name}", tuple(parameter.shape))).double()
        slope, scale = float((parameter.grad * direction).sum()), float(parameter.grad.norm())
        ends = []
        with torch.no_grad():
            for step in (1e-5, -1e-5):
                parameter += step * direction
                ends.append(float(model_loss(model, feeds)[0]))
                parameter -= step * direction
        measured = (ends[0] - ends[1]) / 2e-5
        # Rounding of the two losses leaves about 1e-10 whatever the slope, curvature about 1e-8 of it.
        assert abs(measured - slope) < 1e-6 * scale + 1e-9, (name, measured, slope)


def write_model_gradients() -> None:
    """Loss and gradient of every parameter of tiny-fixed on six pairs.

    Attention runs as "sdpa" here, because the eager form rounds its softmax to float32 even in a
    float64 model. Gradients of k_proj.bias and of the middle third of head.attention.in_proj_bias are
    zero in exact arithmetic (a constant added to every key moves no softmax): compare with an absolute
    floor. Token rows that no text uses have gradient zero.
    """
    directory = FIXTURES / "model" / "tiny-fixed"
    model = SiglipModel.from_pretrained(directory, attn_implementation="sdpa", dtype=torch.float64).eval()
    feeds = inputs_for(TINY["tiny-fixed"], [], images=6, seed=1)
    feeds["input_ids"] = torch.from_numpy(integers("loss.input_ids", (6, 16), 2, 96))
    feeds["input_ids"][::2, -1] = 1  # half the rows end in eos, half in an arbitrary piece
    loss, logits = model_loss(model, feeds)
    loss.backward()
    gradients = {f"gradient.{name}": parameter.grad.clone() for name, parameter in model.named_parameters()}

    feeds_of_model = {"pixel_values": feeds["pixel_values"].double(), "input_ids": feeds["input_ids"].long()}
    with torch.no_grad():  # transformers' own loss, whose normalisation lacks the epsilon
        torch.testing.assert_close(model(**feeds_of_model, return_loss=True).loss, loss, rtol=1e-7, atol=0)
    check_directions(model, feeds)
    write_fixture(
        OUT / "model_gradients.safetensors",
        {**feeds, "logits": logits, "loss": loss, **gradients},
        source="parity/loss.py, of parity/fixtures/model/tiny-fixed",
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    write_pairs()
    write_several_texts()
    write_sanity()
    write_model_gradients()
