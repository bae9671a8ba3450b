"""Reference of LocCa's decoder and its loss (arXiv 2502.14786 section 2.2, arXiv 2403.19596; CapPa's decoder).

    python parity/locca.py        # rewrites parity/fixtures/locca/*

Written from the description (§2.2, and CapPa), in float64 with plain torch functions: targets shifted right with 0 in
front, or the mask id at every position where a row is predicted in parallel; pre-LN blocks of self-attention (causal,
or all-to-all in parallel rows), cross-attention to the image tokens and a tanh-GELU MLP; final LayerNorm; projection
to the vocabulary; cross-entropy averaged over the weighted tokens of each task, summed over the tasks.

The forward pass of `tied` is held to torch.nn.TransformerDecoder (norm_first, bias=False), which shares no code with
it. Gradients are autograd's. Rows are [images x tasks, T], the tasks of an image one after the other.
"""

from __future__ import annotations

import functools
import math

import numpy as np
import torch
import torch.nn.functional as F
from fixture import FIXTURES, integers, normal, write_fixture

OUT = FIXTURES / "locca"
EPS = 1e-6
IMAGES, TASKS, LENGTH, VOCABULARY = 2, 3, 7, 23
WIDTH, MLP, LAYERS, HEADS = 16, 20, 2, 2

Weights = dict[str, torch.Tensor]


def shapes(vision: int, biases: bool, tied: bool) -> dict[str, tuple[int, ...]]:
    named: dict[str, tuple[int, ...]] = {
        "embeddings.token_embedding.weight": (VOCABULARY + 1, WIDTH),
        "embeddings.position_embedding.weight": (LENGTH, WIDTH),
        "lm_head.bias": (VOCABULARY,),
    }
    if not tied:
        named["lm_head.weight"] = (VOCABULARY, WIDTH)

    def dense(name: str, size: int, out: int) -> None:
        named[f"{name}.weight"] = (out, size)
        if biases:
            named[f"{name}.bias"] = (out,)

    def norm(name: str) -> None:
        named[f"{name}.weight"] = (WIDTH,)
        if biases:
            named[f"{name}.bias"] = (WIDTH,)

    for i in range(LAYERS):
        for attention, memory in (("self_attn", WIDTH), ("cross_attn", vision)):
            for part in "qkv":
                dense(f"layers.{i}.{attention}.{part}_proj", WIDTH if part == "q" else memory, WIDTH)
            dense(f"layers.{i}.{attention}.out_proj", WIDTH, WIDTH)
        dense(f"layers.{i}.mlp.fc1", WIDTH, MLP)
        dense(f"layers.{i}.mlp.fc2", MLP, WIDTH)
        for n in (1, 2, 3):
            norm(f"layers.{i}.layer_norm{n}")
    norm("final_layer_norm")
    return named


def weight(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """No weight is zero or one by convention here, so a forgotten bias or scale shows at once."""
    noise = normal(f"locca.{name}", shape)
    if "norm" in name:
        return (1 if name.endswith("weight") else 0) + 0.1 * noise
    if name.endswith("bias"):
        return 0.1 * noise
    if "embedding" in name:
        return 0.7 * noise
    return 1.5 * noise / math.sqrt(shape[-1])


def attention(w: Weights, name: str, x: torch.Tensor, memory: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
    """allowed: True where a query may look, broadcastable to [rows, heads, queries, keys]."""

    def project(part: str, y: torch.Tensor) -> torch.Tensor:
        return F.linear(y, w[f"{name}.{part}.weight"], w.get(f"{name}.{part}.bias"))

    def split(y: torch.Tensor) -> torch.Tensor:
        return y.unflatten(-1, (HEADS, WIDTH // HEADS)).transpose(1, 2)

    q, k, v = split(project("q_proj", x)), split(project("k_proj", memory)), split(project("v_proj", memory))
    context = F.scaled_dot_product_attention(q, k, v, attn_mask=allowed)
    return project("out_proj", context.transpose(1, 2).flatten(2))


def norm(w: Weights, name: str, x: torch.Tensor) -> torch.Tensor:
    return F.layer_norm(x, (WIDTH,), w[f"{name}.weight"], w.get(f"{name}.bias"), EPS)


def inputs_of(ids: torch.Tensor, parallel: torch.Tensor) -> torch.Tensor:
    shifted = F.pad(ids[:, :-1], (1, 0))
    return torch.where(parallel[:, None] == 1, torch.full_like(ids, VOCABULARY), shifted)


def decoder(
    w: Weights, ids: torch.Tensor, parallel: torch.Tensor, image: torch.Tensor, patches: torch.Tensor
) -> torch.Tensor:
    """Hidden states [rows, T, d]. image: [rows, S, v], one copy per row; patches: [rows, S], 1 for real ones."""
    x = w["embeddings.token_embedding.weight"][inputs_of(ids, parallel)] + w["embeddings.position_embedding.weight"]
    causal = torch.ones(LENGTH, LENGTH, dtype=torch.bool).tril()
    visible = causal[None] | (parallel[:, None, None] == 1)
    for i in range(LAYERS):
        y = norm(w, f"layers.{i}.layer_norm1", x)
        x = x + attention(w, f"layers.{i}.self_attn", y, y, visible[:, None])
        y = norm(w, f"layers.{i}.layer_norm2", x)
        x = x + attention(w, f"layers.{i}.cross_attn", y, image, patches[:, None, None] == 1)
        y = norm(w, f"layers.{i}.layer_norm3", x)
        y = F.gelu(F.linear(y, w[f"layers.{i}.mlp.fc1.weight"], w.get(f"layers.{i}.mlp.fc1.bias")), approximate="tanh")
        x = x + F.linear(y, w[f"layers.{i}.mlp.fc2.weight"], w.get(f"layers.{i}.mlp.fc2.bias"))
    return norm(w, "final_layer_norm", x)


def check_against_torch(w: Weights, ids: torch.Tensor, image: torch.Tensor, hidden: torch.Tensor) -> None:
    """torch's own decoder with the same weights, all rows causal and all patches real."""
    layer = torch.nn.TransformerDecoderLayer(
        WIDTH, HEADS, MLP, 0.0, functools.partial(F.gelu, approximate="tanh"), EPS, True, True, bias=False
    )
    model = torch.nn.TransformerDecoder(layer, LAYERS, torch.nn.LayerNorm(WIDTH, EPS, bias=False)).double()
    state = {"norm.weight": w["final_layer_norm.weight"]}
    for i in range(LAYERS):
        ours, theirs = f"layers.{i}", f"layers.{i}"
        for a, b in (("self_attn", "self_attn"), ("cross_attn", "multihead_attn")):
            parts = [w[f"{ours}.{a}.{part}_proj.weight"] for part in "qkv"]
            state[f"{theirs}.{b}.in_proj_weight"] = torch.cat(parts)
            state[f"{theirs}.{b}.out_proj.weight"] = w[f"{ours}.{a}.out_proj.weight"]
        for n in (1, 2):
            state[f"{theirs}.linear{n}.weight"] = w[f"{ours}.mlp.fc{n}.weight"]
        for n in (1, 2, 3):
            state[f"{theirs}.norm{n}.weight"] = w[f"{ours}.layer_norm{n}.weight"]
    model.load_state_dict({name: value.detach() for name, value in state.items()})
    embedded = w["embeddings.token_embedding.weight"][F.pad(ids[:, :-1], (1, 0))]
    embedded = embedded + w["embeddings.position_embedding.weight"]
    mask = torch.nn.Transformer.generate_square_subsequent_mask(LENGTH, dtype=torch.float64)
    torch.testing.assert_close(model(embedded, image, tgt_mask=mask), hidden, rtol=1e-10, atol=1e-10)


def task_losses(losses: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Mean over the weighted tokens of each task, [tasks]."""
    by_task = [x.unflatten(0, (IMAGES, TASKS)).transpose(0, 1).flatten(1) for x in (losses, weights)]
    return (by_task[0] * by_task[1]).sum(1) / by_task[1].sum(1)


def text_losses(losses: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """The same, each text's mean first."""
    texts = (losses * weights).sum(1) / weights.sum(1)
    return texts.unflatten(0, (IMAGES, TASKS)).mean(0)


def write(name: str, vision: int, patches: np.ndarray, parallel: list[int], biases: bool, tied: bool) -> None:
    rows, size = IMAGES * TASKS, patches.shape[1]
    numbers = {key: weight(key, shape) for key, shape in shapes(vision, biases, tied).items()}
    w = {key: torch.from_numpy(value).double().requires_grad_() for key, value in numbers.items()}
    tokens = normal(f"locca.{name}.tokens", (IMAGES, size, vision))
    image = torch.from_numpy(tokens).double().requires_grad_()
    ids = integers(f"locca.{name}.ids", (rows, LENGTH), 4, VOCABULARY)
    weights = np.ones((rows, LENGTH), np.float32)
    for row, end in enumerate([LENGTH, 5, 6, 4, LENGTH, 3]):
        ids[row, end - 1] = 1  # eos is learnt, pads are not
        ids[row, end:] = 0
        weights[row, end:] = 0
        weights[row, : 1 + row % 2] = 0  # the task's prefix
    targets, prefixed = torch.from_numpy(ids).long(), torch.from_numpy(weights).double()
    by_row = image.repeat_interleave(TASKS, 0)
    real = torch.from_numpy(patches).repeat_interleave(TASKS, 0)
    hidden = decoder(w, targets, torch.tensor(parallel), by_row, real)
    if tied:
        check_against_torch(w, targets, by_row, hidden)
    kernel = w["embeddings.token_embedding.weight"][:VOCABULARY] if tied else w["lm_head.weight"]
    logits = F.linear(hidden, kernel, w["lm_head.bias"])
    losses = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none").view(rows, LENGTH)
    tasks = task_losses(losses, prefixed)
    tasks.sum().backward()
    write_fixture(
        OUT / f"{name}.safetensors",
        {
            **{f"decoder.{key}": value for key, value in numbers.items()},
            "tokens": tokens,
            "patches": patches,
            "decoder_ids": ids,
            "decoder_weights": weights,
            "decoder_parallel": np.array(parallel, np.int32),
            "hidden": hidden,
            "losses": losses,
            "tasks": tasks,
            "tasks.texts": text_losses(losses, prefixed),
            "loss": tasks.sum(),
            "gradient.tokens": image.grad,
            **{f"gradient.decoder.{key}": value.grad for key, value in w.items()},
        },
        source="parity/locca.py",
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    padded = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], np.int32)
    # Wider image tokens than the decoder, as in g-opt; padding of a NaFlex batch; two captions in parallel.
    write("untied", 24, padded, [1, 0, 0, 1, 0, 0], biases=True, tied=False)
    write("tied", WIDTH, np.ones((IMAGES, 5), np.int32), [0] * 6, biases=False, tied=True)
