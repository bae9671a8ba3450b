"""Odd but legal checkpoint folders, and what transformers makes of them: for test/checkpoint/huggingFace/folders.test.ts.

Run from the repository root: python3 parity/folders.py
Needs: torch, transformers, tokenizers, safetensors, pillow (parity/requirements.txt; without torchvision, so that images
are resized by Pillow).
Writes parity/fixtures/folders/{fixed,naflex}.safetensors and folders.json.gz: for each folder its JSON files, where each
stored tensor comes from, and the values of transformers for two pictures and five texts. Files that equal the base's are
left out. `texts: "lower"` says that texts were lower-cased first, where a folder names a tokenizer that does not do it;
`closed: true` that the text's end was set to <eos> without <bos>, and its padding to the right, where the folder's own
files say otherwise: every SigLIP 2 was trained so, and this library reads no other form.
"""

import copy
import gzip
import hashlib
import json
import shutil
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
import transformers
from PIL import Image
from safetensors.torch import load_file, save_file
from tokenizers.processors import TemplateProcessing
from transformers import (
    AutoImageProcessor,
    AutoModel,
    AutoProcessor,
    AutoTokenizer,
    Siglip2Config,
    Siglip2Model,
    SiglipConfig,
    SiglipModel,
)

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

OUT = Path("parity/fixtures/folders")
LENGTH = 64
TEXTS = ["a cat", "Two CATS\n and a dog", "<mask> of <eos> cats ", "a photo of 2 cats. " * 12, "x foo Bar<T>  bars Ünï"]
MERGES = ["▁ a", "c a", "ca t", "▁ cat", "cat s", "o f", "▁ of", "d o", "do g", "▁ dog", "f o", "fo o", "▁ x", "b a", "ba r"]


def image(width: int, height: int) -> Image.Image:
    """The same picture as `picture` in the test."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return Image.fromarray(((x * 7 + y * 13 + c * 29 + x * y * 3) % 256).astype(np.uint8))


SIZES = [(45, 29), (21, 64)]


def tokenizer_json() -> dict:
    pieces = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>", "\n"]
    pieces += [f"<0x{byte:02X}>" for byte in range(256)]
    pieces += list("▁abcdefghijklmnopqrstuvwxyz0123456789.<>/")
    pieces += [merge.replace(" ", "") for merge in MERGES]
    pieces += ["▁▁"]
    assert len(set(pieces)) == len(pieces)
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    added = [{"id": i, "content": p, **flags, "special": p != "\n"} for i, p in enumerate(pieces[:7])]
    eos = {"SpecialToken": {"id": "<eos>", "type_id": 0}}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"Sequence": {"id": "A", "type_id": 0}}, eos],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, eos, {"Sequence": {"id": "B", "type_id": 1}}, eos],
            "special_tokens": {"<eos>": {"id": "<eos>", "ids": [1], "tokens": ["<eos>"]}},
        },
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        "model": {
            "type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": True, "byte_fallback": True, "ignore_merges": False,
            "vocab": {piece: i for i, piece in enumerate(pieces)},
            "merges": MERGES + ["▁ ▁"],
        },
    }


TOKENIZER = tokenizer_json()
PIECES = len(TOKENIZER["model"]["vocab"])
TABLE = "text_model.embeddings.token_embedding.weight"
SPARE = 8  # rows of the table for tokens that are added
TOKENIZER_CONFIG = {
    "tokenizer_class": "Siglip2Tokenizer", "padding_side": "right", "bos_token": "<bos>", "eos_token": "<eos>",
    "pad_token": "<pad>", "unk_token": "<unk>", "model_input_names": ["input_ids"], "model_max_length": LENGTH,
}
TOWER = {"hidden_size": 24, "intermediate_size": 20, "num_hidden_layers": 1, "num_attention_heads": 12}
TEXT = {**TOWER, "vocab_size": PIECES, "max_position_embeddings": LENGTH}
PIXELS = {
    "do_convert_rgb": None, "do_normalize": True, "do_rescale": True, "do_resize": True, "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5], "resample": 2, "rescale_factor": 0.00392156862745098,
}
CONFIG = {
    "fixed": {
        "architectures": ["SiglipModel"], "model_type": "siglip", "text_config": {"model_type": "siglip_text_model", **TEXT},
        "vision_config": {"model_type": "siglip_vision_model", **TOWER, "image_size": 32, "patch_size": 8},
    },
    "naflex": {
        "architectures": ["Siglip2Model"], "model_type": "siglip2",
        "text_config": {"model_type": "siglip2_text_model", **TEXT},
        "vision_config": {"model_type": "siglip2_vision_model", **TOWER, "num_patches": 16, "patch_size": 8},
    },
}
PREPROCESSOR = {
    "fixed": {
        **PIXELS, "image_processor_type": "SiglipImageProcessor", "processor_class": "SiglipProcessor",
        "size": {"height": 32, "width": 32},
    },
    "naflex": {
        **PIXELS, "image_processor_type": "Siglip2ImageProcessor", "processor_class": "Siglip2Processor",
        "patch_size": 8, "max_num_patches": 24,
    },
}


def base_files(kind: str) -> dict:
    return copy.deepcopy({
        "config.json": CONFIG[kind], "preprocessor_config.json": PREPROCESSOR[kind], "tokenizer.json": TOKENIZER,
        "tokenizer_config.json": TOKENIZER_CONFIG,
    })


def base_weights(kind: str) -> dict[str, torch.Tensor]:
    torch.manual_seed(7)
    types = {"fixed": (SiglipConfig, SiglipModel), "naflex": (Siglip2Config, Siglip2Model)}
    config, model = types[kind]
    weights = model(config(**CONFIG[kind])).state_dict()
    weights[TABLE] = torch.zeros(PIECES + SPARE, TOWER["hidden_size"])
    # Numbers that float16 and bfloat16 hold exactly, of a size at which every part of the model shows.
    return {name: (torch.randn(w.shape) * 0.3).bfloat16().clamp(-1, 1).float().contiguous() for name, w in weights.items()}


WEIGHTS = {kind: base_weights(kind) for kind in CONFIG}
DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64, "F64": torch.float64}


def taken(kind: str, source: str | None, shape: list[int]) -> torch.Tensor:
    """The base's tensor, of a table the first rows; zeros where there is none."""
    return WEIGHTS[kind][source][: shape[0]].clone() if source else torch.zeros(shape)


class Folder:
    """One row of the table; `files` and `weights` are changed by the functions below."""

    def __init__(self, name: str, kind: str = "fixed", **notes):
        self.name, self.kind, self.notes = name, kind, notes
        self.sizes = SIZES
        self.files = base_files(kind)
        # Of each file: stored name → [name of the base's tensor or null for zeros, type, shape].
        names = {n: [n, "F32", list(w.shape)] for n, w in WEIGHTS[kind].items()}
        names[TABLE] = [TABLE, "F32", [PIECES, TOWER["hidden_size"]]]
        self.weights: dict[str, dict] = {"model.safetensors": names}

    def config(self, **changes):
        self.files["config.json"].update(changes)
        return self

    def text(self, **changes):
        self.files["config.json"]["text_config"].update(changes)
        return self

    def vision(self, **changes):
        self.files["config.json"]["vision_config"].update(changes)
        return self

    def pictures(self, *sizes: tuple[int, int]):
        self.sizes = sizes
        return self

    def without(self, path: str, *fields: str):
        target = self.files[path]
        for field in fields:
            *parents, last = field.split(".")
            holder = target
            for parent in parents:
                holder = holder[parent]
            del holder[last]
        return self

    def pixels(self, **changes):
        self.files["preprocessor_config.json"].update(changes)
        return self

    def nested(self, **changes):
        """transformers 5 saves the image processor inside processor_config.json."""
        self.files["processor_config.json"] = {
            "image_processor": {**self.files["preprocessor_config.json"], **changes},
            "processor_class": PREPROCESSOR[self.kind]["processor_class"],
        }
        return self

    def file(self, path: str, content):
        if content is None:
            self.files.pop(path, None)
        else:
            self.files[path] = content
        return self

    def tokens(self, **changes):
        self.files["tokenizer_config.json"].update(changes)
        return self

    def tokenizer(self, **changes):
        self.files["tokenizer.json"].update(changes)
        return self

    def added(self, *tokens: dict):
        """Tokens that are added, and a table with rows for them, as after resize_token_embeddings."""
        self.files["tokenizer.json"]["added_tokens"] += list(tokens)
        return self.text(vocab_size=PIECES + SPARE).only(
            lambda names: {**names, TABLE: [TABLE, "F32", [PIECES + SPARE, TOWER["hidden_size"]]]})

    def only(self, change):
        self.weights = {"model.safetensors": change(self.weights["model.safetensors"])}
        return self

    def index(self, change):
        index = self.files["model.safetensors.index.json"]
        index["weight_map"] = change(index["weight_map"])
        return self

    def twice(self, name: str, other: list):
        """Another tensor under one name in the first of the shards that do not hold it."""
        next(names for names in self.weights.values() if name not in names)[name] = other
        return self

    def single(self, change):
        self.weights["model.safetensors"] = change(Folder("", self.kind).weights["model.safetensors"])
        return self

    def shards(self, count: int, extra: dict | None = None):
        names = self.weights.pop("model.safetensors")
        self.weights.update({f"model-{i + 1:05}-of-{count:05}.safetensors": {} for i in range(count)})
        weight_map = {}
        for i, (name, source) in enumerate(sorted(names.items())):
            file = f"model-{i % count + 1:05}-of-{count:05}.safetensors"
            self.weights[file][name] = source
            weight_map[name] = file
        self.files["model.safetensors.index.json"] = {"metadata": {"total_size": 1}, "weight_map": weight_map, **(extra or {})}
        return self

    def write(self, folder: Path) -> None:
        for path, content in self.files.items():
            (folder / path).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        for path, names in self.weights.items():
            tensors = {
                stored: taken(self.kind, source, shape).to(DTYPES[dtype])
                for stored, (source, dtype, shape) in names.items()
            }
            save_file(tensors, folder / path, metadata={"format": "pt"})


def token(content: str, id: int, **flags) -> dict:
    base = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False}
    return {"id": id, "content": content, **base, **flags}


SHORTEST = {"size": {"shortest_edge": 32}, "do_center_crop": True, "crop_size": {"height": 32, "width": 32}}


def rename(change):
    return lambda names: {change(name): source for name, source in names.items()}


def typed(dtype: str):
    return lambda names: {name: [source, dtype, shape] for name, (source, _, shape) in names.items()}


def plus(**extra):
    return lambda names: {**names, **{name.replace("__", "."): value for name, value in extra.items()}}


TEMPLATE_BOS = {
    "type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "<bos>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
    "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
    "special_tokens": {"<bos>": {"id": "<bos>", "ids": [2], "tokens": ["<bos>"]}},
}
LOWER_FIRST = {"type": "Sequence", "normalizers": [{"type": "Lowercase"}, TOKENIZER["normalizer"]]}


def table() -> list[Folder]:
    F = Folder
    return [
        F("as this library saves it"),
        F("as this library saves it, NaFlex", "naflex"),
        # config.json
        F("fields left out that equal the class defaults")
        .without("config.json", "architectures", "text_config.num_attention_heads", "text_config.max_position_embeddings",
                 "vision_config.num_attention_heads", "text_config.model_type", "vision_config.model_type"),
        F("defaults written as null").text(projection_size=None),
        F("another layer_norm_eps and a dropout").text(layer_norm_eps=0.01, attention_dropout=0.1).vision(layer_norm_eps=0.02),
        F("gelu under its other names").text(hidden_act="gelu_new").vision(hidden_act="gelu_fast"),
        F("stale token ids and unknown fields").text(pad_token_id=1, bos_token_id=49406, eos_token_id=[49407], foo={"a": [1]})
        .config(initializer_factor=2.0, transformers_version="4.49.0.dev0", id2label={"0": "x"}, _name_or_path="/x"),
        F("torch_dtype and weights in bfloat16").config(torch_dtype="bfloat16").only(typed("BF16")),
        F("dtype and weights in float16").config(dtype="float16").only(typed("F16")),
        F("dtype float32 and weights in float16", "naflex").config(dtype="float32").only(typed("F16")),
        # the image processor, fixed size
        F("size as a number with default_to_square").pixels(size=32, default_to_square=True),
        F("size as a number: the shorter side, cropped").pixels(size=32, do_center_crop=True, crop_size=32),
        F("size as a list").pixels(size=[32, 32]),
        F("shortest_edge and a crop").pixels(**SHORTEST),
        F("shortest_edge with longest_edge and a crop")
        .pixels(size={"shortest_edge": 32, "longest_edge": 40}, do_center_crop=True, crop_size={"height": 32, "width": 32}),
        F("max_height and max_width and a crop")
        .pixels(size={"max_height": 40, "max_width": 36}, do_center_crop=True, crop_size={"height": 32, "width": 32}),
        F("a crop larger than what is resized").pixels(size={"height": 20, "width": 25}, do_center_crop=True, crop_size=[32, 32]),
        F("resized and padded").pixels(size={"height": 20, "width": 25}, do_pad=True, pad_size={"height": 32, "width": 32}),
        F("padded to the batch, which is of one size").pixels(do_pad=True),
        F("the crop's size without the crop").pixels(crop_size={"height": 7, "width": 9}, do_center_crop=False),
        F("no resizing, only the crop").pictures((32, 40), (21, 32)).pixels(do_resize=False, size=None, do_center_crop=True, crop_size=32),
        F("bicubic").pixels(resample=3),
        F("nearest").pixels(resample=0),
        F("lanczos").pixels(resample=1),
        F("box and hamming are numbers too").pixels(resample=5),
        F("resample left out: the class says bicubic").without("preprocessor_config.json", "resample"),
        F("all left out but the size")
        .file("preprocessor_config.json", {"size": {"height": 32, "width": 32}}),
        F("no rescaling").pixels(do_rescale=False, rescale_factor="x"),
        F("an odd rescale_factor").pixels(rescale_factor=0.013),
        F("a negative rescale_factor").pixels(rescale_factor=-0.02),
        F("no normalising").pixels(do_normalize=False, image_mean="x", image_std=0),
        F("steps that are null are off").pixels(do_normalize=None, do_center_crop=None, do_pad=None),
        F("NaFlex: steps that are null are off", "naflex").pixels(do_rescale=None, do_normalize=None),
        F("a mean and a deviation for each channel").pixels(image_mean=[0.1, 0.2, 0.3], image_std=[0.4, 0.5, 2]),
        F("one mean and deviation for all channels").pixels(image_mean=0.25, image_std=0.75),
        F("the processor's old name").without("preprocessor_config.json", "image_processor_type")
        .pixels(feature_extractor_type="SiglipFeatureExtractor"),
        F("the fast processor's name").pixels(image_processor_type="SiglipImageProcessorFast"),
        F("unknown fields of the processor").pixels(do_convert_rgb=True, foo=[1], data_format="channels_first", device="cpu"),
        F("processor_config.json wins over an old preprocessor_config.json").nested(resample=3)
        .file("preprocessor_config.json", {**PREPROCESSOR["fixed"], "size": {"height": 5, "width": 5}, "resample": 7}),
        F("processor_config.json alone").nested(resample=0).file("preprocessor_config.json", None),
        F("processor_config.json without an image processor")
        .file("processor_config.json", {"processor_class": "SiglipProcessor"}),
        F("an image processor in processor_config.json that leaves all to the class")
        .nested().file("preprocessor_config.json", None)
        .file("processor_config.json", {"image_processor": {"size": [32, 32]}, "tokenizer": {"x": 1}}),
        F("another model's processor with every field said")
        .pixels(image_processor_type="ViTImageProcessor"),
        F("another model's processor and its defaults")
        .file("preprocessor_config.json", {"image_processor_type": "CLIPImageProcessor", "size": 32, "crop_size": 32}),
        # the image processor, NaFlex
        F("NaFlex: max_num_patches and patch_size left out", "naflex").vision(patch_size=16)
        .only(lambda names: {**names, "vision_model.embeddings.patch_embedding.weight": [None, "F32", [24, 768]]})
        .without("preprocessor_config.json", "max_num_patches", "patch_size"),
        F("NaFlex: more patches than the model has positions", "naflex").pixels(max_num_patches=100),
        F("NaFlex: no type, told by config.json", "naflex").without("preprocessor_config.json", "image_processor_type", "max_num_patches"),
        F("NaFlex: a size that nobody reads", "naflex").pixels(size={"height": 5, "width": 7}, do_center_crop=True, crop_size=3, do_pad=True),
        F("NaFlex: processor_config.json wins", "naflex").nested(max_num_patches=9),
        F("NaFlex: bicubic, another mean", "naflex").pixels(resample=3, image_mean=[0, 0.1, 0.2], rescale_factor=1),
        # the tokenizer
        F("the released fixed-size folders' tokenizer class", texts="lower").tokens(tokenizer_class="GemmaTokenizer", do_lower_case=True),
        F("the released NaFlex folders' tokenizer class", "naflex").tokens(tokenizer_class="GemmaTokenizerFast"),
        F("no tokenizer_config.json", "naflex", closed=True).file("tokenizer_config.json", None),
        F("padding left, bos first, as Gemma's own files", "naflex", closed=True).tokens(padding_side="left", add_bos_token=True)
        .tokenizer(post_processor=TEMPLATE_BOS),
        F("no post-processor", closed=True).tokenizer(post_processor=None),
        F("merges as pairs").tokenizer(model={**TOKENIZER["model"], "merges": [m.split(" ") for m in TOKENIZER["model"]["merges"]]}),
        F("lower-casing in tokenizer.json").tokenizer(normalizer=LOWER_FIRST, pre_tokenizer=None),
        F("padding and truncation in tokenizer.json").tokenizer(
            truncation={"direction": "Right", "max_length": LENGTH, "strategy": "LongestFirst", "stride": 0},
            padding={"strategy": {"Fixed": LENGTH}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0,
                     "pad_type_id": 0, "pad_token": "<pad>"}),
        F("a long model_max_length").tokens(model_max_length=1000000000000000019884624838656),
        F("an added token with a row of its own").added(token("<mask>", PIECES)),
        F("an added token under another number").added(token("<mask>", PIECES + 5), token("foo", 9999)),
        F("added tokens that are looked for after lower-casing").added(
            token("Bar<T>", PIECES, normalized=True), token(" Cats", PIECES + 1, normalized=True)),
        F("added tokens that take white space").added(
            token("<eos>", 1, lstrip=True, rstrip=True, special=True), token("CATS", PIECES, lstrip=True, rstrip=True)),
        F("added tokens that are whole words").added(
            token("a", PIECES, single_word=True), token("bar", PIECES + 1, single_word=True), token("cat", 0, single_word=True)),
        F("overlapping added tokens: the longest of the first").added(
            token("foo B", PIECES), token("foo", PIECES + 1), token("o Bar<T>", PIECES + 2)),
        F("special tokens that tokenizer_config.json alone names").added()
        .tokens(extra_special_tokens=["cats", "foo"], sep_token="<sep>", image_token="Bar<T>"),
        F("special tokens under their old name").added()
        .tokens(additional_special_tokens=["cats", {"__type": "AddedToken", "content": "foo", "lstrip": False, "rstrip": False,
                                           "normalized": False, "single_word": False, "special": True}]),
        F("the names of special tokens that are added").added().tokens(extra_special_tokens={"boi_token": "foo"}),
        F("dropout and unknown fields of the BPE model")
        .tokenizer(model={**TOKENIZER["model"], "dropout": 0.5, "fuse_unk": False}),
        # the weights
        F("position ids as old versions stored them").only(plus(
            text_model__embeddings__position_ids=[None, "I64", [1, LENGTH]],
            vision_model__embeddings__position_ids=[None, "I64", [1, 16]])),
        F("tensors of other things beside the model's").only(plus(
            classifier__weight=[None, "F32", [3, 24]], foo__bar=[None, "F64", [2]], text_model__foo=[None, "I64", [0]])),
        F("one shard").shards(1),
        F("three shards and unknown fields in the index").shards(3, {"foo": 1}),
        F("an index that names other shards than those which hold the tensors").shards(3).index(
            lambda names: {name: sorted(names.values())[-1 - i] for i, name in enumerate(names)}),
        F("an index that names a tensor too many and one too few").shards(2).index(
            lambda names: {**{n: f for n, f in names.items() if n != "logit_bias"}, "foo": "model-00001-of-00002.safetensors"}),
        F("two shards that hold one tensor: the last counts").shards(2).twice(
            "logit_scale", ["logit_bias", "F32", [1]]),
        F("an old single file beside the index: the single file is read").shards(2).single(
            # Other weights than the shards': whoever reads the shards is found out.
            lambda names: {**names, "logit_scale": [None, "F32", [1]]}),
        F("NaFlex in two shards of bfloat16", "naflex").only(typed("BF16")).shards(2),
    ]


def saved_by_transformers() -> list[Folder]:
    """Folders that this library saved, loaded by transformers and saved again, with what users do in between."""
    rows = []

    def again(name: str, kind: str, change=None):
        folder = Folder(name, kind)
        with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
            folder.write(Path(first))
            model, processor = AutoModel.from_pretrained(first), AutoProcessor.from_pretrained(first)
            model, processor = change(model, processor) if change else (model, processor)
            model.save_pretrained(second)
            processor.save_pretrained(second)
            second = Path(second)
            files = {path.name: json.loads(path.read_text()) for path in sorted(second.glob("*.json"))}
            folder.files = {k: v for k, v in files.items() if not k.endswith(".index.json")}
            stored = load_file(second / "model.safetensors")
            types = {dtype: name for name, dtype in DTYPES.items()}
            folder.weights = {"model.safetensors": {n: [n, types[w.dtype], list(w.shape)] for n, w in stored.items()}}
            rows.append(folder)

    def add_tokens(model, processor):
        processor.tokenizer.add_tokens(["foo", transformers.AddedToken("Bar<T>", normalized=True)])
        processor.tokenizer.add_special_tokens({"extra_special_tokens": ["cats"]})
        return model, processor

    def resize(model, processor):
        add_tokens(model, processor)
        model.resize_token_embeddings(len(processor.tokenizer), mean_resizing=False)
        # The rows that torch adds are random: those of the base are taken, so that the folder can be written again.
        rows = len(processor.tokenizer)
        model.get_input_embeddings().weight.data.copy_(WEIGHTS["fixed" if model.config.model_type == "siglip" else "naflex"][TABLE][:rows])
        return model, processor

    def half(model, processor):
        return model.to(torch.float16), processor

    for kind in CONFIG:
        again(f"saved again by transformers, {kind}", kind)
        again(f"saved again with tokens that were added, {kind}", kind, add_tokens)
        again(f"saved again with tokens that were added and embedded, {kind}", kind, resize)
    again("saved again in float16", "naflex", half)
    return rows


def close(tokenizer) -> None:
    tokenizer._tokenizer.post_processor = TemplateProcessing(single="$A <eos>", special_tokens=[("<eos>", 1)])
    tokenizer.padding_side = "right"


def measure(folder: Folder) -> dict:
    with tempfile.TemporaryDirectory() as directory:
        folder.write(Path(directory))
        processor = AutoImageProcessor.from_pretrained(directory)
        tokenizer = AutoTokenizer.from_pretrained(directory)
        if folder.notes.get("closed"):
            close(tokenizer)
        model = AutoModel.from_pretrained(directory, dtype=torch.float32).eval()
    texts = [text.lower() for text in TEXTS] if folder.notes.get("texts") == "lower" else TEXTS
    pixels = processor(images=[image(*size) for size in folder.sizes], return_tensors="pt")
    kept = {"padding": "max_length", "max_length": LENGTH, "truncation": True}
    ids = tokenizer(texts, **kept, return_tensors="pt").input_ids
    # What has no row in the table stops torch; this library reads it as text. Both are said.
    known = ids.amax(dim=1) < model.config.text_config.vocab_size
    with torch.no_grad():
        image_embeds = model.get_image_features(**pixels).pooler_output
        text_embeds = model.get_text_features(input_ids=ids[known]).pooler_output
    unit = lambda x: [[round(v, 7) for v in row] for row in torch.nn.functional.normalize(x, dim=-1).tolist()]
    values = pixels["pixel_values"].contiguous().numpy()
    result = {
        "pixelShape": list(values.shape),
        "pixelSha256": hashlib.sha256(values.astype("<f4").tobytes()).hexdigest(),
        "firstPixels": [float(v) for v in values.reshape(-1)[:4]],
        "inputIds": [np.trim_zeros(row, "b").tolist() for row in ids.numpy()],
        "known": known.tolist(), "imageEmbeds": unit(image_embeds), "textEmbeds": unit(text_embeds),
        "logitScale": float(model.logit_scale), "logitBias": float(model.logit_bias),
    }
    if "spatial_shapes" in pixels:
        result["spatialShapes"] = pixels["spatial_shapes"].tolist()
    return result


def record(folder: Folder) -> dict:
    base = base_files(folder.kind)
    try:
        expected = measure(folder)
    except Exception as error:  # noqa: BLE001: what transformers refuses is part of the table
        expected = {"error": f"{type(error).__name__}: {str(error)[:160]}"}
    files = {path: content for path, content in folder.files.items() if base.get(path) != content}
    if "tokenizer.json" in files and files["tokenizer.json"]["model"] == TOKENIZER["model"]:
        files["tokenizer.json"] = {**files["tokenizer.json"], "model": "base"}
    return {
        "name": folder.name, "kind": folder.kind, **folder.notes, "files": files,
        "sizes": folder.sizes,
        "absent": [path for path in base if path not in folder.files],
        **({} if folder.weights == Folder("", folder.kind).weights else {"weights": folder.weights}),
        "expected": expected,
    }


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for kind, weights in WEIGHTS.items():
        save_file(weights, OUT / f"{kind}.safetensors", metadata={"source": "parity/folders.py"})
    rows = [record(folder) for folder in table() + saved_by_transformers()]
    for row in rows:
        print("error  " if "error" in row["expected"] else "       ", row["name"], row["expected"].get("error", ""))
    value = {
        "versions": {"transformers": transformers.__version__, "torch": torch.__version__},
        "texts": TEXTS, "base": {kind: base_files(kind) for kind in CONFIG}, 
        "weights": {kind: Folder("", kind).weights["model.safetensors"] for kind in CONFIG}, "folders": rows,
    }
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    path = OUT / "folders.json.gz"
    path.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))
    print(len(rows), "folders,", path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
