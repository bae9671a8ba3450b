"""Random image processors and random tokenizers, and what transformers makes of them: for
test/checkpoint/huggingFace/randomSettings.test.ts. The table of parity/folders.py by chance instead of by hand.

Run from the repository root: python3 parity/random_settings.py
Needs what parity/folders.py needs. Writes parity/fixtures/folders/random.json.gz: settings with the hash of the pixel values
of two pictures (only those that a model of 32 pixels, or of patches of 8, takes), and added tokens with the ids of texts.
"""

import copy
import gzip
import hashlib
import json
import random
import tempfile
import warnings
from pathlib import Path

import numpy as np
from transformers import AutoImageProcessor, AutoTokenizer

import folders

warnings.filterwarnings("ignore")

PROCESSORS, TOKENIZERS, TEXTS = 150, 80, 12
SIDE = 32
ATOMS = ["a", "cat", "Cat", "CATS", "dog", "foo", "Bar<T>", " ", "  ", "▁", "\n", "\n ", "\t", "<eos>", "<mask>", "<pad>", "é", "É",
         "ß", "İ", "Σ", "ΑΣ", "🦊", "字", "1", ".", "_", "-", "\u200d", "\u0301", "x", "\u0085", "\u2028", "\ufeff", "\u00a0", " cats", "o f"]


def random_size(rng: random.Random):
    side = lambda: rng.choice([5, 20, 31, 32, 33, 40, 64])
    return rng.choice([
        32, side(), [32, 32], [side(), side()], {"height": 32, "width": 32}, {"height": side(), "width": side()},
        {"shortest_edge": side()}, {"shortest_edge": side(), "longest_edge": side()}, {"max_height": side(), "max_width": side()},
    ])


def random_processor(rng: random.Random, naflex: bool) -> dict:
    maybe = lambda chance: rng.random() < chance
    settings = {}
    if naflex:
        settings |= {"image_processor_type": "Siglip2ImageProcessor", "patch_size": 8, "max_num_patches": rng.choice([1, 4, 9, 24, 100])}
    elif maybe(0.7):
        names = ["SiglipImageProcessor", "SiglipImageProcessorFast", "ViTImageProcessor", "CLIPImageProcessor"]
        settings["image_processor_type"] = rng.choice(names)
    for field in ["do_rescale", "do_normalize", "do_center_crop", "do_pad", "default_to_square"]:
        if maybe(0.35):
            settings[field] = rng.choice([True, True, False, None])
    if not naflex:
        settings["size"] = random_size(rng)
        if maybe(0.7):
            settings["crop_size"] = rng.choice([32, [32, 32], {"height": 32, "width": 32}])
        if maybe(0.3):
            settings["pad_size"] = rng.choice([32, {"height": 32, "width": 32}])
    if not naflex and settings.get("do_pad") and "pad_size" not in settings:
        del settings["do_pad"]  # to the largest of a batch: what becomes of an image would hang on the others
    for field, values in {
        "resample": [0, 1, 2, 3, 4, 5],
        "rescale_factor": [1 / 255, 1 / 127.5, 0.5, 1, -0.1, 0, 2],
        "image_mean": [0, 0.5, [0.1, 0.2, 0.3], [0, 0, 1], 1],
        "image_std": [1, 0.5, [0.1, 0.2, 0.3], [1, 2, 3], -1],
    }.items():
        if maybe(0.45):
            settings[field] = rng.choice(values)
    return settings


def processor_row(rng: random.Random, naflex: bool) -> dict | None:
    settings = random_processor(rng, naflex)
    sizes = [(rng.randint(1, 90), rng.randint(1, 90)) for _ in range(2)]
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "preprocessor_config.json").write_text(json.dumps(settings))
        Path(directory, "config.json").write_text(json.dumps(folders.CONFIG["naflex" if naflex else "fixed"]))
        try:
            processor = AutoImageProcessor.from_pretrained(directory)
            values = processor(images=[folders.image(*size) for size in sizes], return_tensors="np")["pixel_values"]
        except (ValueError, TypeError, AttributeError):
            return None
    if not naflex and values.shape != (2, 3, SIDE, SIDE):
        return None
    digest = hashlib.sha256(np.ascontiguousarray(values).astype("<f4").tobytes()).hexdigest()
    return {"kind": "naflex" if naflex else "fixed", "settings": settings, "sizes": sizes, "sha256": digest}


def random_text(rng: random.Random, length: int) -> str:
    return "".join(rng.choice(ATOMS) for _ in range(length))


def tokenizer_row(rng: random.Random) -> dict:
    tokenizer, config = copy.deepcopy(folders.TOKENIZER), dict(folders.TOKENIZER_CONFIG)
    for k in range(rng.randint(0, 6)):
        names = ["single_word", "lstrip", "rstrip", "normalized", "special"]
        flags = {name: rng.random() < 0.3 for name in names}
        id = rng.choice([folders.PIECES + k, folders.PIECES + k, folders.PIECES + 9 - k, 3, 9999])
        tokenizer["added_tokens"].append({"id": id, "content": random_text(rng, rng.randint(1, 3)), **flags})
    named = {}
    for field, chance in {"mask_token": 0.2, "sep_token": 0.2, "image_token": 0.1}.items():
        if rng.random() < chance:
            named[field] = random_text(rng, 2)
    if rng.random() < 0.3:
        named["extra_special_tokens"] = [random_text(rng, 2) for _ in range(rng.randint(0, 3))]
    texts = [random_text(rng, rng.randint(1, 14)) for _ in range(TEXTS)]
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "tokenizer.json").write_text(json.dumps(tokenizer))
        Path(directory, "tokenizer_config.json").write_text(json.dumps({**config, **named}))
        Path(directory, "config.json").write_text(json.dumps(folders.CONFIG["fixed"]))
        loaded = AutoTokenizer.from_pretrained(directory)
    return {
        "added": tokenizer["added_tokens"][7:], "named": named, "pieces": len(loaded), "texts": texts,
        "ids": [loaded(text, truncation=True, max_length=folders.LENGTH)["input_ids"] for text in texts],
    }


def main() -> None:
    rng = random.Random(20)
    processors: list[dict] = []
    while len(processors) < PROCESSORS:
        row = processor_row(rng, naflex=len(processors) % 4 == 0)
        processors += [row] if row else []
    value = {"processors": processors, "tokenizers": [tokenizer_row(rng) for _ in range(TOKENIZERS)]}
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    path = folders.OUT / "random.json.gz"
    path.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))
    print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
