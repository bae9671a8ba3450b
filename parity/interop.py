"""What other tools make of this library's folders: holds what docs/interop.md says, each claim by an assertion.

Run from the repository root: python3 parity/interop.py [NAME …], names as in CHECKS below; without names all of them
(a minute and a half on two cores).
Needs: torch, transformers, tokenizers, pillow, sentence-transformers, openvino, onnxruntime; node with this repository's
packages; for transformers_js also `npm ci --prefix bench/peers`.
Writes nothing but a temporary folder. Prints the figures that it asserts.
"""

import json
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
import transformers
from PIL import Image

import folders

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

EMBEDDED = Path("models/emoji")
TEXTS = ["otter", "fire engine", "Birthday CAKE", "Katze mit Herzaugen", "grinning face with big eyes"]
# float16 weights in a float32 graph: what is left is the order of sums.
NEAR = 2e-4


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{command[:4]}: {done.stderr[-2000:]}"
    return done.stdout


def pictures(folder: Path) -> list[str]:
    """The README's pictures, opaque: only this library knows the colour that the model wants behind transparent pixels."""
    paths = []
    for name in ["otter", "cake"]:
        drawn = Image.open(f"docs/{name}.png").convert("RGBA")
        white = Image.new("RGBA", drawn.size, (255, 255, 255))
        Image.alpha_composite(white, drawn).convert("RGB").save(folder / f"{name}.png")
        paths.append(str(folder / f"{name}.png"))
    return paths


def unit(values) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    return values / np.linalg.norm(values, axis=-1, keepdims=True)


class World:
    """The embedded model, what this library makes of it, and its export."""

    def __init__(self, folder: Path):
        self.folder, self.images = folder, pictures(folder)
        self.request = json.dumps({"images": self.images, "texts": TEXTS})
        self.length = json.loads((EMBEDDED / "config.json").read_text())["text_config"]["max_position_embeddings"]
        self.ours = self.embed(EMBEDDED)
        # Matches that are all next to 0 would hold nothing.
        assert self.ours["matches"].max() > 0.1, self.ours["matches"]
        self.pixels = [Image.open(path) for path in self.images]
        self._export: Path | None = None

    def embed(self, directory: Path) -> dict[str, np.ndarray]:
        found = json.loads(run("npx", "tsx", "parity/interop/ours.ts", str(directory), self.request))
        return {name: np.asarray(value) for name, value in found.items()}

    @property
    def export(self) -> Path:
        if self._export is None:
            self._export = self.folder / "onnx"
            run("npx", "tsx", "src/cli/main.ts", "export", "--model", str(EMBEDDED), "--output", str(self._export))
        return self._export

    def near(self, what: str, values, ours: str, limit: float = NEAR) -> None:
        difference = float(np.abs(np.asarray(values) - self.ours[ours]).max())
        print(f"  {what}: largest difference {difference:.1e}")
        assert difference < limit, what


def check_transformers(world: World) -> None:
    """transformers loads a folder as it is; processors that are told nothing pad to the model's length."""
    model = transformers.AutoModel.from_pretrained(EMBEDDED, dtype=torch.float32).eval()
    processor = transformers.AutoProcessor.from_pretrained(EMBEDDED)
    inputs = processor(text=TEXTS, images=world.pixels, return_tensors="pt")
    assert inputs["input_ids"].shape == (len(TEXTS), world.length)
    with torch.no_grad():
        outputs = model(**inputs)
    world.near("images", outputs.image_embeds, "images")
    world.near("texts", outputs.text_embeds, "texts")
    world.near("matches", torch.sigmoid(outputs.logits_per_image), "matches", 1e-3)
    # Saved again by transformers, it loads here to the same numbers.
    again = world.folder / "again"
    model.save_pretrained(again)
    processor.save_pretrained(again)
    world.near("saved by transformers, loaded here", world.embed(again)["texts"], "texts")


def check_trimmed(world: World) -> None:
    """A trimmed model loads in transformers, takes tokens there, is saved, and loads here again."""
    corpus, small, again = (world.folder / name for name in ["corpus.txt", "small", "small-again"])
    corpus.write_text("\n".join(TEXTS))
    run("npx", "tsx", "src/cli/main.ts", "trim", "--model", str(EMBEDDED), "--corpus", str(corpus), "--output", str(small))
    model = transformers.AutoModel.from_pretrained(small, dtype=torch.float32).eval()
    processor = transformers.AutoProcessor.from_pretrained(small)
    with torch.no_grad():
        inputs = processor(text=TEXTS, images=world.pixels, return_tensors="pt")
        world.near("texts", model(**inputs).text_embeds, "texts")
    processor.tokenizer.add_tokens(["<new>"])
    model.resize_token_embeddings(len(processor.tokenizer), mean_resizing=False)
    model.save_pretrained(again)
    processor.save_pretrained(again)
    world.near("with a token more, loaded here", world.embed(again)["texts"], "texts")
    # A text with a token that has a row in neither: transformers stops, this library reads it as text.
    ids = transformers.AutoTokenizer.from_pretrained(small)("<mask>")["input_ids"]
    assert max(ids) == transformers.AutoConfig.from_pretrained(small).text_config.vocab_size


def check_naflex_processor(world: World) -> None:
    """Siglip2Processor takes 256 patches of 16 pixels whatever the folder says; AutoImageProcessor reads the folder."""
    folder = world.folder / "naflex"
    folder.mkdir()
    settings = {"image_processor_type": "Siglip2ImageProcessor", "patch_size": 8, "max_num_patches": 24, "resample": 2}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    images = transformers.AutoImageProcessor.from_pretrained(folder)
    assert images(world.pixels, return_tensors="pt").pixel_values.shape[1:] == (24, 192)
    tokenizer = transformers.AutoTokenizer.from_pretrained(EMBEDDED)
    both = transformers.Siglip2Processor(image_processor=images, tokenizer=tokenizer)
    assert both(images=world.pixels, return_tensors="pt").pixel_values.shape[1:] == (256, 768)
    told = both(images=world.pixels, images_kwargs={"max_num_patches": 24, "patch_size": 8}, return_tensors="pt")
    assert told.pixel_values.shape[1:] == (24, 192)
    # The text's length it does take from the folder's tokenizer.
    assert both(text=TEXTS, return_tensors="pt").input_ids.shape[1] == world.length
    print("  256 patches of 16 pixels unless told; texts of the folder's length")


def check_tokenizers(world: World) -> None:
    """Hugging Face's tokenizers alone pads and cuts; it does not lower-case, which Siglip2Tokenizer adds."""
    from tokenizers import Tokenizer

    alone = Tokenizer.from_file(str(EMBEDDED / "tokenizer.json"))
    whole = transformers.AutoTokenizer.from_pretrained(EMBEDDED)
    for text in TEXTS + ["a cat " * 60]:
        ids = alone.encode(text.lower()).ids
        assert len(ids) == world.length
        assert ids == whole(text, padding="max_length", truncation=True)["input_ids"]
    assert alone.encode(TEXTS[2]).ids != alone.encode(TEXTS[2].lower()).ids
    print(f"  {world.length} ids a text, as transformers has them once the text is lower-cased")


class Short(transformers.ZeroShotImageClassificationPipeline):
    """The pipeline of docs/interop.md: it pads texts as the folder says, where the original takes 64 in any case."""

    def preprocess(self, *arguments, **settings):
        length = {"max_length": self.tokenizer.model_max_length}
        return super().preprocess(*arguments, tokenizer_kwargs=length, **settings)


def check_pipeline(world: World) -> None:
    """The zero-shot pipeline pads to 64 in its own code: a model of 64 tokens works, another needs a class of two lines."""
    task = "zero-shot-image-classification"
    plain = transformers.pipeline(task, model=str(EMBEDDED), dtype=torch.float32)
    try:
        plain(world.pixels[0], candidate_labels=TEXTS)
        raise AssertionError("the pipeline takes the embedded model now: docs/interop.md can say so")
    except ValueError as error:
        assert "64 and max_position_embeddings: 32" in str(error), error
    tiny = world.folder / "of-64-tokens"
    tiny.mkdir()
    folders.Folder("of 64 tokens").write(tiny)
    assert len(transformers.pipeline(task, model=str(tiny))(world.pixels[0], candidate_labels=TEXTS)) == len(TEXTS)
    classifier = transformers.pipeline(task, model=str(EMBEDDED), dtype=torch.float32, pipeline_class=Short)
    scores = [classifier(image, candidate_labels=TEXTS, hypothesis_template="{}") for image in world.pixels]
    table = [[next(s["score"] for s in row if s["label"] == text) for text in TEXTS] for row in scores]
    world.near("scores", table, "matches", 1e-3)


def check_sentence_transformers(world: World) -> None:
    """sentence-transformers pads texts to the longest of a batch, and not to the model's length, unless told."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(EMBEDDED), model_kwargs={"dtype": torch.float32})
    told = {"text": {"padding": "max_length"}}
    cosines = (unit(model.encode(TEXTS)) * world.ours["texts"]).sum(-1)
    print(f"  texts as it is: cosines {cosines.min():.2f} to {cosines.max():.2f}")
    assert cosines.max() < 0.99
    world.near("texts when told", unit(model.encode(TEXTS, processing_kwargs=told)), "texts")
    world.near("images", unit(model.encode(world.pixels)), "images")
    model[0].processing_kwargs = told
    saved = world.folder / "sentence-transformers"
    model.save(str(saved))
    world.near("saved with what it was told", unit(SentenceTransformer(str(saved)).encode(TEXTS)), "texts")
    world.near("saved by it, loaded here", world.embed(saved)["texts"], "texts")


def check_transformers_js(world: World) -> None:
    """transformers.js runs the export; its zero-shot pipeline takes the length from tokenizer_config.json."""
    assert Path("bench/peers/node_modules").exists(), "run npm ci --prefix bench/peers first"
    found = json.loads(run("node", "parity/interop/transformersJs.mjs", str(world.export), world.request))
    print(f"  transformers.js {found['version']}")
    world.near("texts", unit(found["texts"]), "texts")
    # Its own resizing (sharp) is not Pillow's.
    cosines = (unit(found["images"]) * world.ours["images"]).sum(-1)
    print(f"  images: cosines {cosines.min():.4f} to {cosines.max():.4f}")
    assert cosines.min() > 0.98
    for row, ours in zip(found["pipeline"], world.ours["matches"]):
        assert np.argmax(row) == np.argmax(ours)


def check_openvino(world: World) -> None:
    """OpenVINO reads the export as it is."""
    import openvino

    core = openvino.Core()
    processor = transformers.AutoProcessor.from_pretrained(EMBEDDED)
    inputs = processor(text=TEXTS, images=world.pixels, return_tensors="np")
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    print(f"  OpenVINO {openvino.__version__.split('-')[0]}")
    for file, feed, ours in [("text_model", "input_ids", "texts"), ("vision_model", "pixel_values", "images")]:
        model = core.compile_model(str(world.export / "onnx" / f"{file}.onnx"), "CPU", settings)
        outputs = model({feed: inputs[feed].astype(np.int64) if feed == "input_ids" else inputs[feed]})
        world.near(file, unit(outputs["pooler_output"]), ours)


def check_onnx_example(world: World) -> None:
    """examples/onnx.py reads the export, and prints what this library answers."""
    printed = run(sys.executable, "examples/onnx.py", str(world.export), ",".join(TEXTS), *world.images)
    matches = [[float(share) / 100 for share in re.findall(r"([\d.]+) %", line)] for line in printed.splitlines()]
    world.near("matches", matches, "matches", 1e-3)


CHECKS = {
    "transformers": check_transformers,
    "trimmed": check_trimmed,
    "naflex_processor": check_naflex_processor,
    "tokenizers": check_tokenizers,
    "pipeline": check_pipeline,
    "sentence_transformers": check_sentence_transformers,
    "transformers_js": check_transformers_js,
    "openvino": check_openvino,
    "onnx_example": check_onnx_example,
}


def main() -> None:
    names = sys.argv[1:] or list(CHECKS)
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        for name in names:
            print(name)
            CHECKS[name](world)


if __name__ == "__main__":
    main()
