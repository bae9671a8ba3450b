"""Makes parity/fixtures/emoji: RGBA images and what Pillow's bilinear resize makes of them, for test/datasets/emoji.

    python parity/emoji.py

Base64 of height × width × 4 bytes, red first. Pillow premultiplies by alpha, filters and divides again.
"""

import base64
import json
from pathlib import Path

import numpy as np
from PIL import Image

random = np.random.default_rng(0)
cases = []
for side, size in [(23, 9), (23, 40), (32, 16), (17, 17)]:
    pixels = random.integers(0, 256, (side, side, 4), dtype=np.uint8)
    # Transparent and opaque areas, as drawings have them.
    pixels[: side // 3, :, 3] = 0
    pixels[-(side // 3) :, :, 3] = 255
    resized = np.asarray(Image.fromarray(pixels, "RGBA").resize((size, size), Image.Resampling.BILINEAR)).copy()
    encode = lambda array: base64.b64encode(array.tobytes()).decode()
    cases.append({"side": side, "size": size, "pixels": encode(pixels), "resized": encode(resized)})

out = Path(__file__).parent / "fixtures" / "emoji" / "resize.json"
out.parent.mkdir(parents=True, exist_ok=True)
out.write_text(json.dumps(cases))
