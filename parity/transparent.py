"""Makes parity/fixtures/transparent: the embeddings that transformers gives of a transparent picture.

    python parity/transparent.py

`logo.png` is RGBA with a soft edge; where it is transparent its pixels have colours of their own, as drawing programs
leave them. transformers reads it as its pipelines do: `load_image` converts to RGB, which drops alpha. The models are
fixtures/model/tiny-fixed and tiny-naflex, with the settings of the released preprocessor_config.json at their sizes.
`embeddings.safetensors` has `fixed` and `naflex`, [1, 32] each, of unit length.
"""

from pathlib import Path

import numpy as np
import torch
from fixture import FIXTURES, write_fixture
from PIL import Image
from transformers import Siglip2Model, SiglipModel
from transformers.image_utils import load_image
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
from transformers.models.siglip2.image_processing_pil_siglip2 import Siglip2ImageProcessorPil

OUT = FIXTURES / "transparent"
SIDE = 40


def draw(path: Path) -> None:
    """A disc whose edge fades over four pixels, on a gradient that alpha hides."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    distance = np.hypot(x - SIDE / 2, y - SIDE / 2)
    pixels = np.stack([6 * x, 6 * y, 255 - 6 * x, np.clip((16 - distance) * 64, 0, 255)], axis=-1)
    Image.fromarray(pixels.astype(np.uint8), "RGBA").save(path)


def unit(features: object) -> torch.Tensor:
    vector = getattr(features, "pooler_output", features)
    return vector / vector.norm(dim=-1, keepdim=True)


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    draw(OUT / "logo.png")
    image = load_image(str(OUT / "logo.png"))
    released = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3, "rescale_factor": 1 / 255, "resample": 2}
    fixed = SiglipImageProcessorPil(size={"height": 16, "width": 16}, **released)
    naflex = Siglip2ImageProcessorPil(patch_size=4, max_num_patches=16, **released)
    with torch.no_grad():
        embeddings = {
            "fixed": unit(
                SiglipModel.from_pretrained(FIXTURES / "model/tiny-fixed").get_image_features(
                    **fixed(images=image, return_tensors="pt")
                )
            ),
            "naflex": unit(
                Siglip2Model.from_pretrained(FIXTURES / "model/tiny-naflex").get_image_features(
                    **naflex(images=image, return_tensors="pt")
                )
            ),
        }
    write_fixture(OUT / "embeddings.safetensors", embeddings, "parity/transparent.py")


if __name__ == "__main__":
    main()
