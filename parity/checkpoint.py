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


def tiny_model(naflex):
    """A random two-tower model of Hugging Face, small enough to commit."""
    import torch
    from transformers import Siglip2Config, Siglip2Model, SiglipConfig, SiglipModel

    tower = dict(hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2)
    text = dict(tower, vocab_size=20, max_position_embeddings=8)
    if naflex:
        text = dict(text, hidden_size=12, num_attention_heads=3, num_hidden_layers=1, projection_size=16)
        config = Siglip2Config(vision_config=dict(tower, patch_size=8, num_patches=16), text_config=text)
    else:
        config = SiglipConfig(vision_config=dict(tower, patch_size=8, image_size=24), text_config=text)
    torch.manual_seed(7)
    model = (Siglip2Model if naflex else SiglipModel)(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.3)
    return model


def flax_names(model, naflex):
    """The model's tensors under big_vision's names and in flax layouts, blocks not stacked."""
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    flax = {"t": state.pop("logit_scale"), "b": state.pop("logit_bias")}

    def dense(source, target, out_heads=None, in_heads=None):
        kernel, bias = state.pop(source + ".weight").T, state.pop(source + ".bias")
        if out_heads:
            kernel, bias = kernel.reshape(len(kernel), out_heads, -1), bias.reshape(out_heads, -1)
        if in_heads:
            kernel = kernel.reshape(in_heads, -1, kernel.shape[-1])
        flax[target + "/kernel"], flax[target + "/bias"] = kernel, bias

    def norm(source, target):
        flax[target + "/scale"], flax[target + "/bias"] = state.pop(source + ".weight"), state.pop(source + ".bias")

    attention = "MultiHeadDotProductAttention_0"
    for hf, encoder, config in (
        ("vision_model", "img/Transformer", model.config.vision_config),
        ("text_model", "txt/Encoder_0", model.config.text_config),
    ):
        h = config.num_attention_heads
        for i in range(config.num_hidden_layers):
            block, layer = f"{encoder}/encoderblock_{i}", f"{hf}.encoder.layers.{i}"
            norm(f"{layer}.layer_norm1", f"{block}/LayerNorm_0")
            norm(f"{layer}.layer_norm2", f"{block}/LayerNorm_1")
            for q in ("query", "key", "value"):
                dense(f"{layer}.self_attn.{q[0]}_proj", f"{block}/{attention}/{q}", out_heads=h)
            dense(f"{layer}.self_attn.out_proj", f"{block}/{attention}/out", in_heads=h)
            dense(f"{layer}.mlp.fc1", f"{block}/MlpBlock_0/Dense_0")
            dense(f"{layer}.mlp.fc2", f"{block}/MlpBlock_0/Dense_1")

    d, h = model.config.vision_config.hidden_size, model.config.vision_config.num_attention_heads
    norm("vision_model.post_layernorm", "img/Transformer/encoder_norm")
    norm("text_model.final_layer_norm", "txt/Encoder_0/encoder_norm")
    dense("text_model.head", "txt/head")
    weight = state.pop("vision_model.head.attention.in_proj_weight").reshape(3, d, d)
    bias = state.pop("vision_model.head.attention.in_proj_bias").reshape(3, h, -1)
    for i, q in enumerate(("query", "key", "value")):
        flax[f"img/MAPHead_0/{attention}/{q}/kernel"] = weight[i].T.reshape(d, h, -1)
        flax[f"img/MAPHead_0/{attention}/{q}/bias"] = bias[i]
    dense("vision_model.head.attention.out_proj", f"img/MAPHead_0/{attention}/out", in_heads=h)
    norm("vision_model.head.layernorm", "img/MAPHead_0/LayerNorm_0")
    dense("vision_model.head.mlp.fc1", "img/MAPHead_0/MlpBlock_0/Dense_0")
    dense("vision_model.head.mlp.fc2", "img/MAPHead_0/MlpBlock_0/Dense_1")
    flax["img/MAPHead_0/probe"] = state.pop("vision_model.head.probe")

    patch = state.pop("vision_model.embeddings.patch_embedding.weight")
    flax["img/embedding/kernel"] = patch.T if naflex else patch.transpose(2, 3, 1, 0)
    flax["img/embedding/bias"] = state.pop("vision_model.embeddings.patch_embedding.bias")
    position = state.pop("vision_model.embeddings.position_embedding.weight")
    flax["img/pos_embedding"] = position.reshape(4, 4, d) if naflex else position[None]
    flax["txt/Embed_0/embedding"] = state.pop("text_model.embeddings.token_embedding.weight")
    flax["txt/pos_embedding"] = state.pop("text_model.embeddings.position_embedding.weight")[None]
    assert not state, list(state)
    return flax


class Flax:
    """The forward pass of big_vision's models on flax arrays, written from its definition with einsum."""

    def __init__(self, arrays):
        self.arrays = arrays

    def dense(self, x, name):
        return x @ self.arrays[name + "/kernel"] + self.arrays[name + "/bias"]

    def norm(self, x, name):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-6)
        return x * self.arrays[name + "/scale"] + self.arrays[name + "/bias"]

    def attention(self, x, keys, name):
        name += "/MultiHeadDotProductAttention_0"
        project = lambda y, part: (
            np.einsum("td,dhk->thk", y, self.arrays[f"{name}/{part}/kernel"]) + self.arrays[f"{name}/{part}/bias"]
        )
        q, k, v = project(x, "query"), project(keys, "key"), project(keys, "value")
        scores = np.einsum("qhk,thk->hqt", q, k) / np.sqrt(q.shape[-1])
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        out = np.einsum("hqt,thk->qhk", weights, v)
        return np.einsum("qhk,hkd->qd", out, self.arrays[name + "/out/kernel"]) + self.arrays[name + "/out/bias"]

    def mlp(self, x, name):
        y = self.dense(x, name + "/MlpBlock_0/Dense_0")
        y = y * (1 + np.tanh(np.sqrt(2 / np.pi) * (y + 0.044715 * y**3))) / 2
        return self.dense(y, name + "/MlpBlock_0/Dense_1")

    def encoder(self, x, name):
        i = 0
        while (block := f"{name}/encoderblock_{i}") + "/LayerNorm_0/scale" in self.arrays:
            y = self.norm(x, block + "/LayerNorm_0")
            x = x + self.attention(y, y, block)
            x = x + self.mlp(self.norm(x, block + "/LayerNorm_1"), block)
            i += 1
        return self.norm(x, name + "/encoder_norm")

    def image(self, patches, positions):
        kernel = self.arrays["img/embedding/kernel"]
        x = patches @ kernel.reshape(-1, kernel.shape[-1]) + self.arrays["img/embedding/bias"] + positions
        x = self.encoder(x, "img/Transformer")
        pooled = self.attention(self.arrays["img/MAPHead_0/probe"][0], x, "img/MAPHead_0")
        return (pooled + self.mlp(self.norm(pooled, "img/MAPHead_0/LayerNorm_0"), "img/MAPHead_0"))[0]

    def text(self, ids):
        x = self.arrays["txt/Embed_0/embedding"][ids] + self.arrays["txt/pos_embedding"][0]
        return self.dense(self.encoder(x, "txt/Encoder_0")[-1], "txt/head")


def check_flax(model, arrays, naflex):
    """Both forms of the weights compute the same embeddings: the names and layouts mean what we think."""
    import torch

    rng = np.random.default_rng(3)
    flax = Flax(arrays)
    ids = rng.integers(0, 20, 8)
    if naflex:
        # A full grid of 4 × 4 patches: its position embedding needs no resizing.
        patches = rng.standard_normal((16, 192)).astype(np.float32)
        positions = arrays["img/pos_embedding"].reshape(16, -1)
        extra = dict(pixel_attention_mask=torch.ones(1, 16, dtype=torch.int32), spatial_shapes=torch.tensor([[4, 4]]))
        pixels = torch.from_numpy(patches)[None]
    else:
        image = rng.standard_normal((24, 24, 3)).astype(np.float32)
        patches = image.reshape(3, 8, 3, 8, 3).transpose(0, 2, 1, 3, 4).reshape(9, -1)
        positions, extra = arrays["img/pos_embedding"][0], {}
        pixels = torch.from_numpy(image.transpose(2, 0, 1).copy())[None]
    with torch.no_grad():
        vision = model.vision_model(pixels, **extra).pooler_output[0].numpy()
        text = model.text_model(torch.from_numpy(ids)[None]).pooler_output[0].numpy()
    np.testing.assert_allclose(flax.image(patches, positions), vision, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(flax.text(ids), text, rtol=1e-4, atol=1e-4)


def stacked(arrays):
    """Blocks as `scan=True` stores them: one array with a leading depth axis."""
    import re

    out, stacks = {}, {}
    for name, array in arrays.items():
        match = re.search(r"encoderblock_(\d+)", name)
        if match:
            stacks.setdefault(name.replace(match[0], "encoderblock"), {})[int(match[1])] = array
        else:
            out[name] = array
    return out | {name: np.stack([parts[i] for i in sorted(parts)]) for name, parts in stacks.items()}


def bigvision():
    """big_vision archives in several dialects, and the same weights as Hugging Face has them."""
    import torch
    from safetensors.torch import save_file

    for naflex in (False, True):
        name = "naflex" if naflex else "fixed"
        model = tiny_model(naflex)
        arrays = flax_names(model, naflex)
        check_flax(model, arrays, naflex)
        save_file(model.state_dict(), OUT / f"bigvision_{name}.safetensors")
        if naflex:
            # numpy has no bfloat16: it writes two raw bytes per number.
            raw = lambda a: torch.from_numpy(a.copy()).to(torch.bfloat16).view(torch.int16).numpy().view("V2")
            np.savez_compressed(OUT / "naflex_scan_bf16_deflated.npz", **{k: raw(v) for k, v in stacked(arrays).items()})
            np.savez(OUT / "naflex_f16.npz", **{f"params/{k}": v.astype(np.float16) for k, v in arrays.items()})
        else:
            training = {"opt/0/count": np.int32(5), "opt/0/mu/t": np.zeros(1, np.float32)}
            params = {f"params/{k}": np.ascontiguousarray(v) for k, v in stacked(arrays).items()}
            np.savez(OUT / "fixed_scan_training.npz", **params, **training)
            np.savez(OUT / "fixed_fortran.npz", **{k: np.asfortranarray(v) for k, v in arrays.items()})


def fixtures():
    OUT.mkdir(parents=True, exist_ok=True)
    halves()
    reference_file()
    bigvision()


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
