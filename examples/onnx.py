"""Matches pictures with texts in Python, by an ONNX export: without PyTorch, and without this library.

  node bin/siglip2.js export --output out/onnx
  pip install onnxruntime tokenizers pillow numpy
  python examples/onnx.py out/onnx "bus, otter" out/emoji/*/*.png

Prints a line a picture, with the probability that each text matches it. For models of one resolution: the inputs of a
NaFlex export are in docs/naflex.md.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image
from tokenizers import Tokenizer

folder, texts, *pictures = Path(sys.argv[1]), [text.strip() for text in sys.argv[2].split(",")], *sys.argv[3:]

settings = json.loads((folder / "preprocessor_config.json").read_text())
size = settings["size"]["width"], settings["size"]["height"]
mean, std = np.float32(settings["image_mean"]), np.float32(settings["image_std"])


def pixels(path):
    image = Image.open(path).convert("RGBA")
    # Models see no transparency: the export says what is behind it.
    behind = Image.new("RGBA", image.size, tuple(settings.get("background_color", (255, 255, 255))))
    image = Image.alpha_composite(behind, image).convert("RGB").resize(size, settings["resample"])
    return ((np.float32(image) / 255 - mean) / std).transpose(2, 0, 1)


# The tokenizer lower-cases, closes, cuts and pads the texts as the model was trained.
ids = [encoding.ids for encoding in Tokenizer.from_file(str(folder / "tokenizer.json")).encode_batch(texts)]
session = onnxruntime.InferenceSession(folder / "onnx" / "model.onnx")

for picture in pictures:
    feeds = {"input_ids": np.int64(ids), "pixel_values": pixels(picture)[None]}
    [[logits]] = session.run(["logits_per_image"], feeds)
    probabilities = 1 / (1 + np.exp(-logits))
    print(picture, " ".join(f"{text} {100 * p:.1f} %" for text, p in zip(texts, probabilities)), sep="  ")
