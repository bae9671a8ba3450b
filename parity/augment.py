"""Makes parity/fixtures/augment: colour operations and blur for test/data/augment.

    python parity/augment.py

torchvision's tensor formulas (torchvision/transforms/_functional_tensor.py: adjust_brightness, adjust_contrast,
adjust_saturation, adjust_hue, rgb_to_grayscale, solarize, gaussian_blur) are written out below in NumPy, float64.
Each is checked here against an independent implementation: Pillow's ImageEnhance, ImageOps and convert on 8-bit
values (so to a few levels of 255), Python's colorsys for the hue, PyTorch's padding and convolution for the blur.
"""

from __future__ import annotations

import colorsys

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageOps

from fixture import FIXTURES, write_fixture

HEIGHT, WIDTH = 7, 9
GREY = np.array([0.2989, 0.587, 0.114])


def picture() -> np.ndarray:
    """8-bit pixels with greys, saturated colours and extremes among them, as floats 0 … 1."""
    state = np.random.RandomState(7)
    pixels = state.randint(0, 256, (HEIGHT, WIDTH, 3))
    pixels[0, :3] = [[0, 0, 0], [255, 255, 255], [128, 128, 128]]
    pixels[0, 3:6] = [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    pixels[0, 6:9] = [[255, 255, 0], [0, 255, 255], [255, 0, 255]]
    pixels[1, 0] = [127, 127, 128]
    return pixels / 255.0


def blend(a, b, factor):
    return np.clip(factor * a + (1 - factor) * b, 0, 1)


def greyscale(x):
    return np.repeat((x @ GREY)[..., None], 3, axis=-1)


def brightness(x, factor):
    return blend(x, 0, factor)


def contrast(x, factor):
    return blend(x, (x @ GREY).mean(), factor)


def saturation(x, factor):
    return blend(x, greyscale(x), factor)


def hue(x, factor):
    result = np.empty_like(x)
    for index in np.ndindex(x.shape[:2]):
        h, s, v = rgb_to_hsv(x[index])
        result[index] = hsv_to_rgb((h + factor) % 1.0, s, v)
    return result


def rgb_to_hsv(pixel):
    """torchvision's _rgb2hsv for one pixel."""
    r, g, b = pixel
    high, low = pixel.max(), pixel.min()
    if high == low:
        return 0.0, 0.0, high
    span = high - low
    rc, gc, bc = (high - r) / span, (high - g) / span, (high - b) / span
    if high == r:
        h = bc - gc
    elif high == g:
        h = 2.0 + rc - bc
    else:
        h = 4.0 + gc - rc
    return (h / 6.0 + 1.0) % 1.0, span / high, high


def hsv_to_rgb(h, s, v):
    """torchvision's _hsv2rgb for one pixel."""
    i = int(np.floor(h * 6.0))
    f = h * 6.0 - i
    p, q, t = (np.clip(v * (1 - s * k), 0, 1) for k in (1.0, f, 1.0 - f))
    return [(v, t, p), (q, v, p), (p, v, t), (p, q, v), (t, p, v), (v, p, q)][i % 6]


def solarise(x, threshold):
    return np.where(x >= threshold, 1 - x, x)


def gaussian_blur(x, sigma, size):
    half = (size - 1) * 0.5
    positions = np.linspace(-half, half, size)
    kernel = np.exp(-0.5 * (positions / sigma) ** 2)
    kernel /= kernel.sum()
    pad = size // 2
    padded = np.pad(x, ((pad, pad), (pad, pad), (0, 0)), mode="reflect")
    result = np.zeros_like(x)
    for dy in range(size):
        for dx in range(size):
            result += kernel[dy] * kernel[dx] * padded[dy : dy + HEIGHT, dx : dx + WIDTH]
    return result


# Checks -------------------------------------------------------------------------------------------------------------
def check(name: str, ours: np.ndarray, theirs: np.ndarray, levels: float) -> None:
    error = np.abs(ours - theirs).max() * 255
    assert error <= levels, f"{name}: {error:.2f} levels of 255 apart"
    print(f"{name}: within {error:.3f} of {levels} levels")


def check_all(x: np.ndarray) -> None:
    image = Image.fromarray(np.rint(x * 255).astype(np.uint8))
    as_float = lambda one: np.asarray(one.convert("RGB")) / 255.0
    # Pillow truncates to a level, rounds its grey, and rounds the mean grey to a level that contrast multiplies.
    for factor in (0.6, 1.4):
        check("brightness", brightness(x, factor), as_float(ImageEnhance.Brightness(image).enhance(factor)), 1.01)
        check("contrast", contrast(x, factor), as_float(ImageEnhance.Contrast(image).enhance(factor)), 1.5)
        check("saturation", saturation(x, factor), as_float(ImageEnhance.Color(image).enhance(factor)), 1.5)
    check("greyscale", greyscale(x), as_float(image.convert("L")), 1.01)
    check("solarise", solarise(x, 128 / 255), as_float(ImageOps.solarize(image, 128)), 1e-6)
    turned = np.array(
        [[colorsys.hsv_to_rgb((h + 0.07) % 1, s, v) for h, s, v in map(lambda p: colorsys.rgb_to_hsv(*p), row)] for row in x]
    )
    check("hue", hue(x, 0.07), turned, 1e-6)
    for sigma, size in ((0.5, 5), (1.3, 9)):
        positions = torch.linspace(-(size - 1) / 2, (size - 1) / 2, size, dtype=torch.float64)
        kernel = torch.softmax(-0.5 * (positions / sigma) ** 2, 0)
        planes = torch.from_numpy(x).permute(2, 0, 1)[:, None]
        padded = torch.nn.functional.pad(planes, [size // 2] * 4, mode="reflect")
        blurred = torch.nn.functional.conv2d(padded, torch.outer(kernel, kernel)[None, None])
        check("blur", gaussian_blur(x, sigma, size), blurred[:, 0].permute(1, 2, 0).numpy(), 1e-6)


def main() -> None:
    x = picture()
    check_all(x)
    tensors = {"picture": np.rint(x * 255).astype(np.int32), "greyscale": greyscale(x)}
    for factor in (0.6, 1.4):
        tensors[f"brightness.{factor}"] = brightness(x, factor)
        tensors[f"contrast.{factor}"] = contrast(x, factor)
        tensors[f"saturation.{factor}"] = saturation(x, factor)
    for factor in (-0.1, 0.07, 0.5):
        tensors[f"hue.{factor}"] = hue(x, factor)
    tensors["solarise"] = solarise(x, 128 / 255)
    for sigma, size in ((0.5, 5), (1.3, 9)):
        tensors[f"blur.{sigma}.{size}"] = gaussian_blur(x, sigma, size)
    write_fixture(FIXTURES / "augment" / "colour.safetensors", tensors, "parity/augment.py")


if __name__ == "__main__":
    main()
