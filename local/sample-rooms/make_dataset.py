"""Writes the sample dataset into `repo/` with the real `datasets` library (5.2.0), as `push_to_hub` would.

    python make_dataset.py [--only INDEX ...] [--out FOLDER]

Needs datasets==5.2.0, numpy and pillow; takes some minutes. Everything follows from the seeds below.
"""

from __future__ import annotations

import argparse
import datetime
import io
import shutil
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from PIL import Image as PIL

from render import Picture, render
from rooms import ROOM_TYPES, STYLES, compose

ROWS = 60
SHARDS = 2
ROW_GROUP = 10
CORRUPT, NULL_IMAGE, TEXT = 17, 31, 44  # bad on purpose
SMALLEST_OBJECT = 250  # pixels
DEPTH_UNIT = 0.01  # metres per step of the depth maps

PORTRAIT = {4: 6, 11: 6, 20: 6, 25: 6, 34: 6, 39: 6, 48: 6, 53: 6}
EXIF_ROTATED = {11, 25, 39, 53}
PNG, WEBP = {13, 37}, {22}
ROOM_WORDS = {name: name.replace("_", " ") for name in ROOM_TYPES}
COLOR_WORDS = {
    "white": "#f0efeb", "cream": "#e6dcc6", "beige": "#cbb592", "grey": "#8c8f92", "charcoal": "#3c3e41", "black": "#202123",
    "brown": "#7a4e31", "rust": "#b1572f", "orange": "#d9822f", "mustard": "#cf9a35", "green": "#5f7a48", "olive": "#6f7050",
    "teal": "#2f6f6d", "blue": "#3d6485", "navy": "#26445a", "purple": "#5a437c", "pink": "#a8485f", "red": "#7e2f33",
}


def plan(index: int) -> tuple[str, str, int, int]:
    """Room type, style, width and height of a row."""
    room_type = ROOM_TYPES[index % len(ROOM_TYPES)]
    style = list(STYLES)[(index * 5 + index // 12) % len(STYLES)]
    if index in PORTRAIT:
        return room_type, style, 480, 640
    if index in PNG:
        return room_type, style, 400, 300
    return room_type, style, 640, [480, 480, 426, 480][index % 4]


def rgb(color: str) -> np.ndarray:
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], float)


def color_word(color: str) -> str:
    return min(COLOR_WORDS, key=lambda word: float(np.square(rgb(COLOR_WORDS[word]) - rgb(color)).sum()))


def png(image: PIL.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def encode(index: int, pixels: np.ndarray) -> tuple[bytes, str]:
    """The image file of a row and its extension. Rotated rows are stored as a phone does it: on their side, with EXIF."""
    image, buffer = PIL.fromarray(pixels), io.BytesIO()
    if index in PNG:
        return png(image.quantize(96, dither=PIL.Dither.NONE)), "png"
    if index in WEBP:
        image.save(buffer, "WEBP", quality=86, method=6)
        return buffer.getvalue(), "webp"
    exif = PIL.Exif()
    if index in EXIF_ROTATED:
        image = image.transpose(PIL.Transpose.ROTATE_90)
        exif[0x0112] = 6
    image.save(buffer, "JPEG", quality=90, optimize=True, progressive=index % 5 == 3, **({"exif": exif} if len(exif) else {}))
    return buffer.getvalue(), "jpg"


def spoil(index: int, data: bytes) -> dict | None:
    """The image of a row that is bad on purpose."""
    if index == NULL_IMAGE:
        return None
    if index == TEXT:
        page = "<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head>\n<body><h1>Not Found</h1><p>The image has been removed.</p></body></html>\n"
        return {"bytes": page.encode(), "path": f"room-{index:04d}.jpg"}
    header = data.index(b"\xff\xc0") if b"\xff\xc0" in data else data.index(b"\xff\xc2")
    return {"bytes": data[: header + 5], "path": f"room-{index:04d}.jpg"}  # cut inside the segment that holds the size


def palette(pixels: np.ndarray) -> list[dict]:
    """Five colours of the image with their share of its pixels."""
    small = PIL.fromarray(pixels).quantize(5, method=PIL.Quantize.MEDIANCUT, kmeans=8, dither=PIL.Dither.NONE)
    counts = np.bincount(np.asarray(small).ravel(), minlength=5)[:5]
    colors = np.array(small.getpalette()[:15]).reshape(-1, 3)
    order = np.argsort(-counts, kind="stable")
    return [{"hex": "#{:02x}{:02x}{:02x}".format(*colors[i]), "p": round(float(counts[i] / counts.sum()), 4)} for i in order if i < len(colors) and counts[i]]


def caption(room_type: str, style: str, objects: list[dict]) -> str:
    large = sorted(objects, key=lambda o: -o["area"])
    named, seen = [], set()
    for o in large:
        if o["label"] not in seen and o["label"] not in ("window", "picture", "mirror"):
            seen.add(o["label"])
            shade, kind = color_word(o["color"]), f"{o['material']} " if o["material"] in ("marble", "glass", "rattan", "leather") else ""
            named.append(f"a {kind}{o['label']}" if kind or o["label"] in ("plant", "bathtub", "toilet") else f"a {shade} {o['label']}")
    head = "an" if style[0] in "aeiou" else "a"
    light = ", daylight from the window" if any(o["label"] == "window" for o in objects) else ""
    text = f"{head} {style.replace('_', '-')} {ROOM_WORDS[room_type]} with {', '.join(named[:3])} and {named[3]}{light}"
    return text[0].upper() + text[1:]


def draw(index: int) -> tuple[Picture, list]:
    room_type, style, width, height = plan(index)
    room, camera = compose(room_type, style, 4200 + index, width, height)
    return render(room, camera, index), room.things


def make_row(index: int) -> dict:
    picture, things = draw(index)
    room_type, style, *_ = plan(index)
    data, extension = encode(index, picture.image)
    stem = f"room-{index:04d}"
    objects, masks = [], []
    for number, thing in enumerate(things):
        mask = picture.owner == number
        area = int(mask.sum())
        if not thing.label or area < SMALLEST_OBJECT:
            continue
        ys, xs = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        box = [int(xs[0]), int(ys[0]), int(xs[-1] - xs[0] + 1), int(ys[-1] - ys[0] + 1)]
        name = thing.label.replace(" ", "_")
        masks.append({"bytes": png(PIL.fromarray(mask.astype(np.uint8) * 255)), "path": f"{stem}-{len(objects):02d}-{name}.png"})
        objects.append({"label": thing.label, "bbox_xywh": box, "area": area, "material": thing.material, "color": thing.color})
    materials = sorted({o["material"] for o in objects}, key=lambda m: (-sum(o["area"] for o in objects if o["material"] == m), m))
    depth = np.round(picture.depth / DEPTH_UNIT).astype(np.uint16)
    image = spoil(index, data) if index in (CORRUPT, NULL_IMAGE, TEXT) else {"bytes": data, "path": f"{stem}.{extension}"}
    return {
        "image": image,
        "caption": None if index == 28 else caption(room_type, style, objects),
        "room_type": room_type,
        "style": style,
        "depth": {"bytes": png(PIL.fromarray(depth)), "path": f"{stem}-depth.png"},
        "masks": masks,
        "objects": objects,
        "materials": materials,
        "colors": palette(picture.image),
        "source_id": f"modomo-sample/{index:04d}",
        "asset_id": 2**53 + 1 + index * 2**40,
        "rendered_at": datetime.datetime(2026, 3, 1, 8, 30) + datetime.timedelta(hours=7 * index, milliseconds=index),
        "mean_depth_m": float("nan") if index == 9 else float(np.float32(picture.depth.mean())),
        "notes": {5: "Küche & Diele – 日本語 🛋️", 23: "tab\there, \"quotes\", back\\slash", 46: ""}.get(index),
    }


def features():
    from datasets import ClassLabel, Features, Image, List, Value

    return Features(
        {
            "image": Image(),
            "caption": Value("string"),
            "room_type": ClassLabel(names=ROOM_TYPES),
            "style": Value("string"),
            "depth": Image(),
            "masks": List(Image()),
            "objects": List({"label": Value("string"), "bbox_xywh": List(Value("int32"), length=4), "area": Value("int32"), "material": Value("string"), "color": Value("string")}),
            "materials": List(Value("string")),
            "colors": List({"hex": Value("string"), "p": Value("float32")}),
            "source_id": Value("string"),
            "asset_id": Value("int64"),
            "rendered_at": Value("timestamp[ms]"),
            "mean_depth_m": Value("float64"),
            "notes": Value("string"),
        }
    )


CARD = """
# Sample rooms

{rows} drawings of furnished rooms, made by a small ray caster, so that everything about them is known exactly. Three rows are bad on purpose: the image of row {corrupt} is cut inside its header, that of row {null} is null, and that of row {text} is an HTML page.

| Column | Meaning |
|---|---|
| `image` | JPEG, PNG or WebP; some are stored on their side with EXIF orientation 6, as phones do |
| `caption` | One sentence, or null |
| `room_type`, `style` | What was drawn |
| `depth` | 16-bit PNG of the upright image's size: distance along the optical axis in centimetres |
| `masks` | One 8-bit PNG (0 or 255) for each of `objects`, in their order |
| `objects` | `bbox_xywh` is x, y, width, height in pixels of the upright image, tight around the mask; `area` is the mask's pixels |
| `materials`, `colors` | Materials by visible area; five colours with their share of the pixels |
| `source_id`, `asset_id`, `rendered_at`, `mean_depth_m`, `notes` | Values as they come: 64-bit integers, timestamps, a NaN, nulls, any Unicode |
"""


def write(rows: list[dict], out: Path) -> None:
    from datasets import Dataset, disable_progress_bars
    from datasets.arrow_dataset import _get_updated_dataset_card
    from datasets.splits import SplitInfo
    from fsspec.implementations.dirfs import DirFileSystem
    from fsspec.implementations.local import LocalFileSystem

    disable_progress_bars()
    shutil.rmtree(out, ignore_errors=True)
    (out / "data").mkdir(parents=True)
    dataset = Dataset.from_list(rows, features=features(), split="train")
    for shard in range(SHARDS):
        part = dataset.shard(SHARDS, shard, contiguous=True)
        part.to_parquet(out / "data" / f"train-{shard:05d}-of-{SHARDS:05d}.parquet", batch_size=ROW_GROUP)
    size = sum(path.stat().st_size for path in (out / "data").iterdir())
    card, _ = _get_updated_dataset_card(
        fs=DirFileSystem(str(out), LocalFileSystem()),
        config_name="default",
        splits_info=[SplitInfo(name="train", num_bytes=dataset._estimate_nbytes(), num_examples=len(dataset))],
        features=dataset.features,
        data_dir="data",
        set_default=None,
        uploaded_sizes=[size],
        deleted_sizes=[0],
        remove_other_splits=False,
    )
    card.text = CARD.format(rows=ROWS, corrupt=CORRUPT, null=NULL_IMAGE, text=TEXT)
    (out / "README.md").write_text(str(card), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "repo")
    parser.add_argument("--only", type=int, nargs="*", help="draw these rows into FOLDER as image files instead")
    args = parser.parse_args()
    with Pool() as pool:
        if args.only is not None:
            args.out.mkdir(parents=True, exist_ok=True)
            for index, (picture, _) in zip(args.only, pool.map(draw, args.only, chunksize=1)):
                PIL.fromarray(picture.image).save(args.out / f"room-{index:04d}.png")
            return
        rows = pool.map(make_row, range(ROWS), chunksize=1)
    write(rows, args.out)


if __name__ == "__main__":
    main()
