"""Writes a folder of JPEGs as a dataset repository, in the layout of one time or another.

  write_parquet.py --images DIR --out DIR/<namespace>/<name> --layout current|legacy|one-group --rows N

current:   what `datasets` writes today: image bytes PLAIN and uncompressed, small pages, a page index.
legacy:    what it wrote before 2025: snappy, dictionary pages (one that holds all images of a row group), 100 rows a
           row group, no page index.
one-group: all rows in one row group without a page index, as writers make that know nothing of images.

When there are more rows than images, the images come again, in the same order.
"""

import argparse
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from datasets import ClassLabel, Dataset, Features, Image, Value

ROOMS = ["bedroom", "living_room", "kitchen", "bathroom", "office"]
FEATURES = Features(
    {
        "image": Image(),
        "caption": Value("string"),
        "room_type": ClassLabel(names=ROOMS),
        "width": Value("int32"),
        "height": Value("int32"),
    }
)
LEGACY_GROUP_ROWS = 100


def rows(images: list[Path], first: int, count: int) -> dict[str, list]:
    indexes = range(first, first + count)
    return {
        "image": [{"bytes": images[i % len(images)].read_bytes(), "path": f"{i:06d}.jpg"} for i in indexes],
        "caption": [f"A {ROOMS[i % len(ROOMS)].replace('_', ' ')} with furniture no. {i}, seen from the door" for i in indexes],
        "room_type": [i % len(ROOMS) for i in indexes],
        "width": [1024] * count,
        "height": [768] * count,
    }


def write(path: Path, columns: dict[str, list], layout: str) -> None:
    dataset = Dataset.from_dict(columns, features=FEATURES)
    if layout == "current":
        dataset.to_parquet(str(path))
        return
    table = dataset.data.table.cast(dataset.features.arrow_schema)
    group_rows = LEGACY_GROUP_ROWS if layout == "legacy" else len(dataset)
    options = {"compression": "snappy"} if layout == "legacy" else {"compression": "none", "use_dictionary": False}
    with pq.ParquetWriter(str(path), table.schema, **options) as writer:
        for first in range(0, len(dataset), group_rows):
            writer.write_table(table.slice(first, group_rows), row_group_size=group_rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--layout", choices=["current", "legacy", "one-group"], required=True)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--shard-rows", type=int, default=500)
    arguments = parser.parse_args()
    images = sorted(arguments.images.glob("*.jpg"))
    folder = arguments.out / "data"
    folder.mkdir(parents=True)
    shard_rows = arguments.rows if arguments.layout == "one-group" else arguments.shard_rows
    shards = -(-arguments.rows // shard_rows)
    for shard in range(shards):
        first = shard * shard_rows
        columns = rows(images, first, min(shard_rows, arguments.rows - first))
        write(folder / f"train-{shard:05d}-of-{shards:05d}.parquet", columns, arguments.layout)


main()
