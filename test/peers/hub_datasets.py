"""Loads a dataset through the Hub stand-in with the real `datasets` library, loaded whole and streamed, and compares
every row with what pyarrow reads from the repository's folder.

    python hub_datasets.py URL DATASET FOLDER [--config NAME] [--token TOKEN]

URL is the stand-in's, FOLDER the folder that it serves as DATASET. Exits with a status other than 0 on a difference.
"""

import argparse
import os
import tempfile

parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("dataset")
parser.add_argument("folder")
parser.add_argument("--config")
parser.add_argument("--token", default=False)
args = parser.parse_args()

home = tempfile.TemporaryDirectory(prefix="hub-peer-", ignore_cleanup_errors=True)
os.environ.update(HF_ENDPOINT=args.url, HF_HOME=home.name, HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_IMPLICIT_TOKEN="1")

import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from datasets import load_dataset, load_dataset_builder  # noqa: E402  (they read the environment when they are imported)


def rows(table: pa.Table) -> list[str]:
    """As text, because NaN is not equal to itself."""
    return [repr(row) for row in table.to_pylist()]


def check(split: str, how: str, table: pa.Table, expected: pa.Table) -> None:
    assert set(table.column_names) == set(expected.column_names), (split, how, table.column_names, expected.column_names)
    actual = rows(table.select(expected.column_names))
    wanted = rows(expected)
    assert len(actual) == len(wanted), f"{split}, {how}: {len(actual)} rows instead of {len(wanted)}"
    for index, (one, other) in enumerate(zip(actual, wanted)):
        assert one == other, f"{split}, {how}, row {index}: {one[:300]} instead of {other[:300]}"
    print(f"{args.dataset} {split}, {how}: {len(actual)} rows are equal")


builder = load_dataset_builder(args.dataset, args.config, token=args.token)
loaded = load_dataset(args.dataset, args.config, token=args.token)
streamed = load_dataset(args.dataset, args.config, token=args.token, streaming=True)
assert set(loaded) == set(streamed) == set(builder.config.data_files), (loaded, streamed, builder.config.data_files)
for name, files in builder.config.data_files.items():
    prefix = f"hf://datasets/{args.dataset}@"
    assert all(file.startswith(prefix) for file in files), files
    paths = [file[len(prefix) :].split("/", 1)[1] for file in files]
    expected = pa.concat_tables([pq.read_table(os.path.join(args.folder, path)) for path in paths])
    check(str(name), "loaded whole", loaded[name].with_format("arrow")[:], expected)
    batches = list(streamed[name].with_format("arrow").iter(batch_size=100))
    check(str(name), "streamed", pa.concat_tables(batches) if batches else expected.slice(0, 0), expected)
