"""Makes parity/fixtures/images: what Pillow, NumPy, PyTorch and transformers compute, for test/input/image.

    python parity/images.py

Pictures are formulas in integers (test/input/image/pictures.ts holds the same ones), so only results are stored.
TensorFlow and JAX are not needed: their two resize rules are written out below in NumPy, from
tensorflow/core/kernels/image/resize_bilinear_op.cc (float32, operation by operation) and
jax/_src/image/scale.py (compute_weight_mat), the second one checked against PyTorch's antialiased interpolation.
"""

import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageCms, ImageOps
from transformers.image_utils import load_image
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
from transformers.models.siglip2.image_processing_pil_siglip2 import Siglip2ImageProcessorPil

OUT = Path(__file__).parent / "fixtures" / "images"
FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}


# Pictures -----------------------------------------------------------------------------------------------------------
def noise(height, width, channels=3):
    y, x, c = np.mgrid[0:height, 0:width, 0:channels].astype(np.uint64)
    h = (x * 374761393 + y * 668265263 + c * 2147483647) % 2**32
    h = ((h ^ (h >> 13)) * 1274126177) % 2**32
    return ((h ^ (h >> 16)) & 255).astype(np.uint8)


def gradient(height, width, channels=3):
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    return ((x * (3 + c) + y * (5 - c) + c * 40) // 2 % 256).astype(np.uint8)


def circle(height, width):
    y, x = np.mgrid[0:height, 0:width]
    inside = ((2 * x + 1 - width) ** 2 * height**2 + (2 * y + 1 - height) ** 2 * width**2) * 16 <= 9 * (height * width) ** 2
    return np.where(inside[..., None], np.uint8([20, 40, 230]), np.uint8([250, 10, 0]))


PICTURES = {"noise": noise, "gradient": gradient, "circle": circle}

# Resize -------------------------------------------------------------------------------------------------------------
# picture, (height, width) in, (height, width) out
RESIZES = [
    ("noise", (37, 53), (16, 16)),
    ("noise", (16, 16), (37, 29)),
    ("noise", (64, 48), (64, 20)),
    ("noise", (64, 48), (21, 48)),
    ("noise", (33, 33), (33, 33)),
    ("noise", (1, 40), (16, 16)),
    ("noise", (40, 1), (7, 9)),
    ("noise", (1, 1), (5, 4)),
    ("noise", (50, 41), (1, 1)),
    ("noise", (29, 31), (1, 12)),
    ("noise", (211, 317), (32, 48)),
    ("noise", (13, 200), (26, 17)),
    ("noise", (480, 640), (14, 14)),
    ("gradient", (100, 75), (48, 64)),
    ("gradient", (19, 23), (60, 61)),
    ("circle", (90, 90), (32, 32)),
    ("circle", (24, 31), (56, 40)),
]


def pillow(image, size, name):
    return np.asarray(Image.fromarray(image).resize((size[1], size[0]), FILTERS[name]))


def tf_taps(n_in, n_out):
    scale = np.float32(n_in) / np.float32(n_out)
    source = (np.arange(n_out, dtype=np.float32) + np.float32(0.5)) * scale - np.float32(0.5)
    floor = np.floor(source)
    lower = np.maximum(floor, 0).astype(int)
    upper = np.minimum(np.ceil(source), n_in - 1).astype(int)
    return lower, upper, (source - floor).astype(np.float32)


def tf_bilinear(image, size):
    """tf.image.resize(image, size, 'bilinear'), then big_vision's clip and cast back to uint8."""
    y0, y1, dy = tf_taps(image.shape[0], size[0])
    x0, x1, dx = tf_taps(image.shape[1], size[1])
    f = image.astype(np.float32)
    dx, dy = dx[None, :, None], dy[:, None, None]
    top = f[y0][:, x0] + (f[y0][:, x1] - f[y0][:, x0]) * dx
    bottom = f[y1][:, x0] + (f[y1][:, x1] - f[y1][:, x0]) * dx
    result = top + (bottom - top) * dy
    assert result.dtype == np.float32
    return np.clip(result, 0, 255).astype(np.uint8)


def jax_matrix(n_in, n_out):
    """compute_weight_mat of jax.image.scale_and_translate: triangle kernel, antialias, scale n_out / n_in."""
    scale = n_out / n_in
    centre = (np.arange(n_out) + 0.5) / scale - 0.5
    x = np.abs(centre[None, :] - np.arange(n_in)[:, None]) / max(1 / scale, 1)
    weights = np.maximum(0, 1 - x)
    total = weights.sum(0, keepdims=True)
    weights = np.where(np.abs(total) > 1000 * np.finfo(np.float32).eps, weights / np.where(total != 0, total, 1), 0)
    valid = np.logical_and(centre >= -0.5, centre <= n_in - 0.5)
    return np.where(valid[None, :], weights, 0).T


def torch_matrix(n_in, n_out):
    eye = torch.eye(n_in, dtype=torch.float64)[None, None]
    resized = torch.nn.functional.interpolate(
        eye, size=(n_out, n_in), mode="bilinear", antialias=True, align_corners=False
    )
    return resized[0, 0].numpy()


def zoom_matrix(n_in, n_out):
    from scipy.ndimage import zoom

    return np.stack([zoom(row, n_out / n_in, order=1) for row in np.eye(n_in)], 1)


def pi_resize(old, new):
    """FlexiViT's resample_patchemb matrix: pinv(resize.T), the resize of every basis image, no antialias."""
    basis = torch.eye(old * old, dtype=torch.float64).reshape(old * old, 1, old, old)
    resized = torch.nn.functional.interpolate(basis, size=(new, new), mode="bilinear", align_corners=False)
    return np.linalg.pinv(resized.reshape(old * old, new * new).numpy())


# Encoded files ------------------------------------------------------------------------------------------------------
def png16(array):
    height, width, channels = array.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in array)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 16, 0 if channels == 1 else 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def bmp16(array):
    """A BMP of 16 bits a pixel, which Pillow reads and does not write. array: [height, width, 2]"""
    height, width, _ = array.shape
    rows = b"".join(row.tobytes().ljust((2 * width + 3) // 4 * 4, b"\0") for row in array[::-1])
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 16, 0, len(rows), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(rows), 0, 0, 54) + header + rows


def top_down(bmp):
    """The same file with a negative height: its rows are read from the top."""
    (height,) = struct.unpack_from("<i", bmp, 22)
    return bmp[:22] + struct.pack("<i", -height) + bmp[26:]


def encoded():
    """file name → bytes"""
    rgb = Image.fromarray(gradient(23, 30))
    rgba = Image.fromarray(np.dstack([gradient(23, 30), noise(23, 30, 1)]))
    palette = rgb.quantize(16)

    def save(image, extension, **options):
        buffer = io.BytesIO()
        image.save(buffer, extension, **options)
        return buffer.getvalue()

    files = {
        "rgb.jpg": save(rgb, "jpeg", quality=90),
        "progressive.jpg": save(rgb, "jpeg", quality=80, progressive=True),
        "grey.jpg": save(rgb.convert("L"), "jpeg"),
        "cmyk.jpg": save(Image.fromarray(gradient(23, 30, 4), "CMYK"), "jpeg", quality=95),
        "rgb.png": save(rgb, "png"),
        "grey.png": save(rgb.convert("L"), "png"),
        "bit.png": save(rgb.convert("1"), "png"),
        "grey-alpha.png": save(rgba.convert("LA"), "png"),
        "rgba.png": save(rgba, "png"),
        "palette.png": save(palette, "png"),
        "palette-transparent.png": save(palette, "png", transparency=3),
        "rgb16.png": png16(noise(23, 30).astype(np.uint16) * 256 + noise(23, 30)[::-1]),
        "profile.png": save(rgb, "png", icc_profile=swapped_profile()),
        "rgb.webp": save(rgb, "webp", quality=90),
        "rgba.webp": save(rgba, "webp", lossless=True, exact=True),
        "frames.gif": save(palette, "gif", save_all=True, append_images=[Image.new("P", (30, 23))]),
        "rgb.avif": save(rgb, "avif", quality=100, subsampling="4:4:4"),
    }
    noisy = Image.fromarray(noise(11, 13))
    files |= {
        "rgb.bmp": save(noisy, "bmp"),
        "grey.bmp": save(noisy.convert("L"), "bmp"),
        "palette.bmp": save(noisy.quantize(17), "bmp"),
        "bit.bmp": save(noisy.convert("1"), "bmp"),
        "rgba.bmp": save(Image.fromarray(noise(11, 13, 4)), "bmp"),
        "rgb555.bmp": bmp16(noise(11, 13, 2)),
        "rgb.tiff": save(noisy, "tiff"),
        "deflate.tiff": save(noisy, "tiff", compression="tiff_adobe_deflate"),
        "grey.tif": save(noisy.convert("L"), "tiff", compression="tiff_lzw"),
    }
    files["topdown.bmp"] = top_down(files["rgb.bmp"])
    frames = [Image.fromarray(gradient(37, 53)), Image.fromarray(noise(37, 53))]
    files["frames.avif"] = save(frames[0], "avif", quality=100, subsampling="4:4:4", save_all=True, append_images=frames[1:])
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x112] = orientation
        files[f"orientation{orientation}.jpg"] = save(rgb, "jpeg", quality=90, exif=exif)
    return files


def decoded(data):
    return np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))


def swapped_profile():
    """An sRGB profile whose red and green primaries change places: ignored by the reference pipelines, and by us."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"????", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"????", b"gXYZ", 1)


def on_colour(data, colour):
    image = Image.open(io.BytesIO(data)).convert("RGBA")
    canvas = Image.new("RGB", image.size, colour)
    canvas.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return np.asarray(canvas)


# ------------------------------------------------------------------------------------------------------------------
class Store:
    """Arrays in one .bin, indexed by name."""

    def __init__(self):
        self.index, self.blobs, self.offset = {}, [], 0

    def add(self, name, array):
        kinds = {"u1": "uint8", "f4": "float32", "f8": "float64", "i4": "int32"}
        kind = kinds[array.dtype.str[1:]]
        blob = np.ascontiguousarray(array).tobytes()
        blob += b"\0" * (-len(blob) % 8)
        self.index[name] = {"dtype": kind, "shape": list(array.shape), "offset": self.offset}
        self.blobs.append(blob)
        self.offset += len(blob)

    def write(self, folder):
        (folder / "arrays.json").write_text(json.dumps(self.index, indent=0))
        (folder / "arrays.bin").write_bytes(b"".join(self.blobs))


def size_name(picture, source, target):
    return f"{picture} {source[0]}x{source[1]} {target[0]}x{target[1]}"


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    store = Store()
    for picture, source, target in RESIZES:
        image = PICTURES[picture](*source)
        name = size_name(picture, source, target)
        for filter_name in FILTERS:
            store.add(f"pillow {filter_name} {name}", pillow(image, target, filter_name))
        store.add(f"tf {name}", tf_bilinear(image, target))

    for source, target in [((37, 53), (16, 32)), ((12, 9), (32, 16)), ((1, 40), (16, 32))]:
        image = noise(*source).astype(np.float64) / 127.5 - 1
        rows, columns = jax_matrix(source[0], target[0]), jax_matrix(source[1], target[1])
        resized = np.einsum("oi,pj,ijc->opc", rows, columns, image)
        store.add(f"float {size_name('noise', source, target)}", resized.astype(np.float32))

    for n_in, n_out in [(16, 7), (16, 33), (16, 1), (5, 5), (37, 16), (2, 64)]:
        matrix = jax_matrix(n_in, n_out)
        assert np.abs(matrix - torch_matrix(n_in, n_out)).max() < 1e-6, (n_in, n_out)
        store.add(f"antialiased {n_in} {n_out}", matrix)
    for n_in, n_out in [(16, 14), (16, 24), (16, 27), (14, 5), (7, 7)]:
        store.add(f"corners {n_in} {n_out}", zoom_matrix(n_in, n_out))
    for old, new in [(8, 7), (7, 8), (6, 3), (4, 4), (5, 10)]:
        store.add(f"pi {old} {new}", pi_resize(old, new))
    # 16 → 14 is the recipe's own case; its first and last rows stand for the whole 196 × 256 matrix.
    store.add("pi 16 14 rows", pi_resize(16, 14)[[0, 97, 195]])

    fixed = SiglipImageProcessorPil(
        size={"height": 20, "width": 24}, resample=2, image_mean=[0.5] * 3, image_std=[0.5] * 3
    )
    # Statistics that differ by channel and are no binary fractions: every rounding step shows.
    odd = SiglipImageProcessorPil(
        size={"height": 12, "width": 12}, resample=3, image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225]
    )
    images = [noise(37, 53), gradient(40, 30), circle(17, 21)]
    for name, processor in {"fixed": fixed, "bicubic-imagenet": odd}.items():
        result = processor([Image.fromarray(i) for i in images], return_tensors="np")
        store.add(f"hf {name}", result["pixel_values"])
    naflex = Siglip2ImageProcessorPil(patch_size=4, max_num_patches=20)
    result = naflex([Image.fromarray(i) for i in [*images, noise(2, 90)]], return_tensors="np")
    store.add("hf naflex pixel_values", result["pixel_values"])
    store.add("hf naflex pixel_attention_mask", result["pixel_attention_mask"].astype(np.int32))
    store.add("hf naflex spatial_shapes", result["spatial_shapes"].astype(np.int32))

    for name, data in encoded().items():
        (OUT / name).write_bytes(data)
        store.add(f"decoded {name}", decoded(data))
    # Pillow clips 16-bit grey at 255 (a known trap): the reference here is the high byte, as it does for colour.
    wide = noise(23, 30, 1).astype(np.uint16) * 256 + noise(23, 30, 2)[..., 1:]
    (OUT / "grey16.png").write_bytes(png16(wide))
    store.add("decoded grey16.png", np.repeat(wide >> 8, 3, axis=2).astype(np.uint8))
    for name in ["rgba.png", "grey-alpha.png", "palette-transparent.png", "rgba.webp"]:
        store.add(f"on colour {name}", on_colour((OUT / name).read_bytes(), (255, 128, 3)))
    # What the pipelines of transformers make of a transparent picture with a released checkpoint's settings.
    result = fixed([load_image(str(OUT / "rgba.png"))], return_tensors="np")
    store.add("hf transparent", result["pixel_values"])
    store.write(OUT)


main()
