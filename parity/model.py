"""Reference activations of Hugging Face's SigLIP / SigLIP 2 models on seeded random weights.

    python parity/model.py --tiny                          # rewrites parity/fixtures/model/*
    python parity/model.py --full b16-224 --out DIR        # full size, not committed
    python parity/model.py --full b16-naflex --out DIR
    python parity/model.py --full so400m14-384 --out DIR   # 4.1 GB of memory and 4.5 GB of disk

Every model directory has Hugging Face's layout (config.json, model.safetensors) plus
activations.safetensors with the inputs and what each stage returned; README.md lists the names.

Quirks of the reference (transformers 5.23) that matter when comparing:
* Embeddings are normalised as v / ||v||; big_vision (two_towers.py) divides by ||v|| + 1e-8,
  which changes nothing at float32.
* NaFlex self-attention masks keys only, so a padded *query* row attends to the real patches and
  stays finite; big_vision (naflex_vit.py) masks the outer AND. Rows of padding therefore differ
  between implementations by right: compare only rows where pixel_attention_mask is 1.
* NaFlex padding rows get the image's resized position embedding at (0, 0), and pixel value 0.
* The NaFlex position embedding is resized by torch's antialiased bilinear F.interpolate in float32.
  `check_resize` holds it to jax.image.scale_and_translate's rule, which big_vision uses; it showed a fault of
  torch 2.13 on CPU: with an output one column wide and more than one row high the rows come out wrong
  (errors as large as the values). `resize_positions` avoids it, so the fixtures follow the rule;
  an unpatched transformers on that torch gets n x 1 grids wrong, and 1 x n right.
* Eager attention computes its softmax in float32 whatever the model's dtype.
* The MAP head is torch.nn.MultiheadAttention with fused q, k, v (in_proj_*): the probe is not
  added back, and the LayerNorm stands before the MLP only (as in big_vision's MAPHead).
* The text tower has no mask of any kind; it pools the last position, padding or not (text_transformer.py).
* The fixed patch convolution is VALID: an image of 18 pixels with patches of 4 leaves the last two
  rows and columns unread. `tiny-asymmetric` (18) and so400m14-384 (384 = 27 x 14 + 6) show it.
* logit_scale is stored as a logarithm; logit_bias is added after scaling.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import struct
from pathlib import Path

import numpy as np
import torch
from fixture import FIXTURES, integers, normal, write_fixture
from transformers import Siglip2Config, Siglip2Model, SiglipConfig, SiglipModel
from transformers.models.siglip2.modeling_siglip2 import Siglip2VisionEmbeddings

Outputs = dict[str, torch.Tensor]


def tower(width: int, mlp: int, depth: int, heads: int, **rest: object) -> dict[str, object]:
    """The part of a configuration that both towers share."""
    sizes = {"hidden_size": width, "intermediate_size": mlp}
    return {**sizes, "num_hidden_layers": depth, "num_attention_heads": heads, **rest}


def tiny_text(depth: int, projection: int) -> dict[str, object]:
    # The released files leave these three at stale CLIP defaults; here they are the real ones.
    special = {"pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2}
    sizes = {"vocab_size": 96, "max_position_embeddings": 16, "projection_size": projection}
    return tower(32, 48, depth, 4, **sizes, **special)


TINY = {
    "tiny-fixed": SiglipConfig(
        vision_config=tower(32, 48, 2, 4, patch_size=4, image_size=16), text_config=tiny_text(2, 32)
    ),
    # Like g-opt: the towers differ in width, depth and head size, and the text head changes the width.
    "tiny-asymmetric": SiglipConfig(
        vision_config=tower(48, 64, 2, 4, patch_size=4, image_size=18), text_config=tiny_text(1, 48)
    ),
    "tiny-naflex": Siglip2Config(
        vision_config=tower(32, 48, 2, 4, patch_size=4, num_patches=16), text_config=tiny_text(2, 32)
    ),
}
# (rows, columns) of patches per image, each padded to the longest allowed length.
TINY_GRIDS = [(1, 7), (5, 3), (4, 4), (2, 8), (16, 1), (1, 1)]

FULL = {
    "b16-224": SiglipConfig(
        vision_config=tower(768, 3072, 12, 12, patch_size=16, image_size=224),
        text_config=tower(768, 3072, 12, 12, vocab_size=256000),
    ),
    "b16-naflex": Siglip2Config(
        vision_config=tower(768, 3072, 12, 12, patch_size=16, num_patches=256),
        text_config=tower(768, 3072, 12, 12, vocab_size=256000),
    ),
    "so400m14-384": SiglipConfig(
        vision_config=tower(1152, 4304, 27, 16, patch_size=14, image_size=384),
        text_config=tower(1152, 4304, 27, 16, vocab_size=256000),
    ),
}
FULL_GRIDS = [(16, 16), (12, 20), (32, 8), (1, 100)]


def is_naflex(config: SiglipConfig | Siglip2Config) -> bool:
    return isinstance(config, Siglip2Config)


# --- Weights -------------------------------------------------------------------------------------


def tiny_weight(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """No weight is zero or one by convention here, so a forgotten bias or scale shows at once."""
    noise = normal(name, shape)
    if name == "logit_scale":
        return math.log(10) + 0.1 * noise
    if name == "logit_bias":
        return -2 + 0.1 * noise
    if "norm" in name:
        return (1 if name.endswith("weight") else 0) + 0.1 * noise
    if name.endswith("bias"):
        return 0.1 * noise
    if "position_embedding" in name or "token_embedding" in name or name.endswith("probe"):
        return 0.5 * noise
    # 1.5 x the variance-preserving scale makes attention visibly uneven.
    return 1.5 * noise / math.sqrt(math.prod(shape[1:]))


def full_weight(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """big_vision's initial scales (vit.py, text_transformer.py), and small biases in place of its zeros."""
    noise = normal(name, shape)
    if name == "logit_scale":
        return np.full(shape, math.log(10), np.float32)
    if name == "logit_bias":
        return np.full(shape, -10, np.float32)
    if "norm" in name:
        return (1 if name.endswith("weight") else 0) + np.float32(0.02) * noise
    if name.endswith("bias"):
        return np.float32(0.02) * noise
    if "position_embedding" in name or "token_embedding" in name:
        return noise / np.float32(math.sqrt(shape[-1]))
    fan_in, fan_out = math.prod(shape[1:]), shape[0]
    if "in_proj" in name:
        fan_out //= 3  # q, k and v are three kernels in one tensor
    lecun = "patch_embedding" in name or name.startswith("text_model.head")
    return noise * np.float32(math.sqrt(1 / fan_in if lecun else 2 / (fan_in + fan_out)))


def new_model(config: SiglipConfig | Siglip2Config) -> SiglipModel | Siglip2Model:
    config._attn_implementation = "eager"
    return (Siglip2Model if is_naflex(config) else SiglipModel)(config).eval()


def save_tiny(config: SiglipConfig | Siglip2Config, directory: Path) -> SiglipModel | Siglip2Model:
    model = new_model(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(np.asarray(tiny_weight(name, tuple(parameter.shape)))))
    model.save_pretrained(directory)
    return model


def save_full(config: SiglipConfig | Siglip2Config, directory: Path) -> SiglipModel | Siglip2Model:
    """Write one tensor at a time (save_pretrained would hold a second copy), then load as users do."""
    with torch.device("meta"):
        shapes = {name: tuple(p.shape) for name, p in new_model(config).named_parameters()}
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, shape in shapes.items():
        end = offset + 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [offset, end]}
        offset = end
    encoded = json.dumps(header).encode()
    encoded += b" " * (-len(encoded) % 8)
    directory.mkdir(parents=True, exist_ok=True)
    temporary = directory / "model.safetensors.tmp"
    with temporary.open("wb") as file:
        file.write(struct.pack("<Q", len(encoded)) + encoded)
        for name, shape in shapes.items():
            file.write(np.ascontiguousarray(full_weight(name, shape), "<f4").data)
    os.replace(temporary, directory / "model.safetensors")
    config.architectures = ["Siglip2Model" if is_naflex(config) else "SiglipModel"]
    config.save_pretrained(directory)
    kind = Siglip2Model if is_naflex(config) else SiglipModel
    return kind.from_pretrained(directory, attn_implementation="eager", dtype=torch.float32).eval()


# --- Inputs --------------------------------------------------------------------------------------


def token_ids(batch: int, length: int, vocabulary: int, seed: int = 0) -> np.ndarray:
    """Rows of random ids, then eos (1) and pads (0) as the tokenizer leaves them; row 0 is full."""
    ids = integers("input_ids", (batch, length), 4, vocabulary, seed)
    for row in range(1, batch):
        end = 1 + (row * 5) % (length - 2)
        ids[row, end] = 1
        ids[row, end + 1 :] = 0
    ids[0, -1] = 1
    return ids


def inputs_for(
    config: SiglipConfig | Siglip2Config, grids: list[tuple[int, int]], images: int, seed: int = 0
) -> Outputs:
    """Seeded inputs; pixel values are clipped to the preprocessors' range [-1, 1].

    There is one text more than images, so that a transposed logit matrix can't pass.
    """
    vision, text = config.vision_config, config.text_config
    batch = len(grids) if is_naflex(config) else images
    feeds: dict[str, np.ndarray] = {}
    if is_naflex(config):
        length = vision.num_patches
        mask = np.array([[int(i < rows * columns) for i in range(length)] for rows, columns in grids], np.int32)
        patches = np.clip(normal("pixel_values", (batch, length, 3 * vision.patch_size**2), seed), -1, 1)
        feeds["pixel_values"] = patches * mask[:, :, None]
        feeds["pixel_attention_mask"] = mask
        feeds["spatial_shapes"] = np.array(grids, np.int32)
    else:
        size = (batch, 3, vision.image_size, vision.image_size)
        feeds["pixel_values"] = np.clip(normal("pixel_values", size, seed), -1, 1)
    feeds["input_ids"] = token_ids(batch + 1, text.max_position_embeddings, text.vocab_size, seed)
    return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in feeds.items()}


def check_resize(table: torch.Tensor, grids: list[tuple[int, int]], resized: torch.Tensor) -> None:
    """Hold the reference's position resize to jax/_src/image/scale.py's rule, written out independently."""

    def weights(size: int, target: int) -> np.ndarray:
        scale = target / size
        centre = (np.arange(target) + 0.5) / scale - 0.5
        width = max(1 / scale, 1)
        w = np.maximum(0, 1 - np.abs(centre[:, None] - np.arange(size)[None]) / width)
        return w / w.sum(1, keepdims=True)

    side = math.isqrt(table.shape[0])
    grid = table.detach().double().numpy().reshape(side, side, -1)
    for index, (rows, columns) in enumerate(grids):
        expected = np.einsum("yi,xj,ijd->yxd", weights(side, rows), weights(side, columns), grid)
        actual = resized[index, : rows * columns].double().numpy().reshape(rows, columns, -1)
        np.testing.assert_allclose(actual, expected, atol=2e-6)


resize_by_torch = Siglip2VisionEmbeddings.resize_positional_embeddings


def resize_positions(table: torch.Tensor, shapes: torch.Tensor, max_length: int) -> torch.Tensor:
    """The reference's resize, with n x 1 grids computed as the transposed table's 1 x n grids."""
    rows = [
        resize_by_torch(table.transpose(0, 1), shape.flip(0)[None], max_length)
        if shape[1] == 1
        else resize_by_torch(table, shape[None], max_length)
        for shape in shapes
    ]
    return torch.cat(rows)


Siglip2VisionEmbeddings.resize_positional_embeddings = staticmethod(resize_positions)


# --- Running -------------------------------------------------------------------------------------


def record(model: SiglipModel | Siglip2Model) -> tuple[Outputs, list[torch.utils.hooks.RemovableHandle]]:
    """Fill a dictionary with each stage's output whenever the model runs."""
    seen: Outputs = {}
    handles = []

    def watch(name: str, module: torch.nn.Module) -> None:
        def keep(_module: torch.nn.Module, _inputs: object, output: object) -> None:
            seen[name] = output[0] if isinstance(output, tuple) else output

        handles.append(module.register_forward_hook(keep))

    vision, text = model.vision_model, model.text_model
    watch("vision.patch_embeddings", vision.embeddings.patch_embedding)
    watch("vision.embeddings", vision.embeddings)
    for index, layer in enumerate(vision.encoder.layers):
        watch(f"vision.layer.{index}", layer)
    watch("vision.post_layernorm", vision.post_layernorm)
    watch("vision.head.attention", vision.head.attention)
    watch("vision.pooled", vision.head)
    watch("text.embeddings", text.embeddings)
    for index, layer in enumerate(text.encoder.layers):
        watch(f"text.layer.{index}", layer)
    watch("text.final", text.final_layer_norm)
    watch("text.pooled", text.head)
    return seen, handles


@torch.no_grad()
def activations(model: SiglipModel | Siglip2Model, feeds: Outputs) -> Outputs:
    """Run the whole model and return every stage, in the order of computation."""
    seen, handles = record(model)
    output = model(**{name: value.long() if not value.is_floating_point() else value for name, value in feeds.items()})
    for handle in handles:
        handle.remove()
    patches = seen["vision.patch_embeddings"]
    if patches.ndim == 4:  # the convolution returns [B, d, rows, columns]
        seen["vision.patch_embeddings"] = patches.flatten(2).transpose(1, 2)
    if "spatial_shapes" in feeds:
        grids = [tuple(row) for row in feeds["spatial_shapes"].tolist()]
        embeddings = model.vision_model.embeddings
        side = embeddings.position_embedding_size
        table = embeddings.position_embedding.weight
        resized = resize_positions(table.reshape(side, side, -1), feeds["spatial_shapes"].long(), patches.shape[1])
        check_resize(table, grids, resized)
        seen["vision.position_embeddings"] = resized
    seen["vision.head.attention"] = seen["vision.head.attention"][:, 0]
    seen["image_embeds"] = output.image_embeds
    seen["text_embeds"] = output.text_embeds
    seen["logits_per_text"] = output.logits_per_text
    return seen


def is_sequence(name: str) -> bool:
    return ".layer." in name or name.endswith(("embeddings", ".post_layernorm", ".final"))


def summarised(seen: Outputs, mask: torch.Tensor | None) -> Outputs:
    """Replace each sequence [B, N, d] by its per-sample statistics and first values.

    `<name>.mean` and `<name>.std` [B] run over the real tokens (all channels; std is the population's);
    `<name>.first` [B, 8] are channels 0 to 7 of token 0; `<name>.last` [B, 8] of the last real token.
    """
    result: Outputs = {}
    for name, value in seen.items():
        if not is_sequence(name):
            result[name] = value
            continue
        counts = [value.shape[1]] * value.shape[0]
        if mask is not None and name.startswith("vision."):
            counts = mask.sum(1).tolist()
        samples = [value[i, :count].double() for i, count in enumerate(counts)]
        result[f"{name}.mean"] = torch.stack([s.mean() for s in samples])
        result[f"{name}.std"] = torch.stack([s.std(correction=0) for s in samples])
        result[f"{name}.first"] = torch.stack([s[0, :8] for s in samples])
        result[f"{name}.last"] = torch.stack([s[-1, :8] for s in samples])
    return result


def write_tiny() -> None:
    for name, config in TINY.items():
        directory = FIXTURES / "model" / name
        model = save_tiny(config, directory)
        feeds = inputs_for(config, TINY_GRIDS, images=3)
        seen = activations(model, feeds)
        write_fixture(directory / "activations.safetensors", {**feeds, **seen}, source="parity/model.py --tiny")


def write_full(name: str, directory: Path) -> None:
    config = FULL[name]
    model = save_full(config, directory)
    print(f"{name}: {sum(p.numel() for p in model.parameters()):,} parameters")
    feeds = inputs_for(config, FULL_GRIDS, images=2)
    seen = summarised(activations(model, feeds), feeds.get("pixel_attention_mask"))
    write_fixture(directory / "activations.safetensors", {**feeds, **seen}, source=f"parity/model.py --full {name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--tiny", action="store_true", help="rewrite the committed fixtures")
    group.add_argument("--full", choices=sorted(FULL), help="write one full-size model")
    parser.add_argument("--out", type=Path, help="directory for --full")
    arguments = parser.parse_args()
    if arguments.tiny:
        # One thread gives the same sums on every machine with the same kernels.
        torch.set_num_threads(1)
        write_tiny()
    elif arguments.out is None:
        parser.error("--full needs --out DIR")
    else:
        write_full(arguments.full, arguments.out)


if __name__ == "__main__":
    main()
