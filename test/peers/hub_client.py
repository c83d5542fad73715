"""Holds the Hub stand-in to what `huggingface_hub` expects of the Hub.

    python hub_client.py URL DATASET FOLDER [--gated ID] [--private ID] [--missing ID] [--token TOKEN]

URL is the stand-in's, FOLDER the folder that it serves as DATASET. The ids name a gated repository, a private one that
TOKEN may read, and one that does not exist (which needs a stand-in without the real Hub behind it, or the network).
Exits with a status other than 0 when something differs.
"""

import argparse
import hashlib
import os
import tempfile

parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("dataset")
parser.add_argument("folder")
parser.add_argument("--gated")
parser.add_argument("--private")
parser.add_argument("--missing")
parser.add_argument("--token")
args = parser.parse_args()

home = tempfile.TemporaryDirectory(prefix="hub-peer-", ignore_cleanup_errors=True)
os.environ.update(HF_ENDPOINT=args.url, HF_HOME=home.name, HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_IMPLICIT_TOKEN="1")

from huggingface_hub import HfApi, HfFileSystem, hf_hub_download, snapshot_download  # noqa: E402
from huggingface_hub.errors import (  # noqa: E402
    EntryNotFoundError,
    GatedRepoError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile, RepoFolder  # noqa: E402


def raises(error, call) -> None:
    try:
        call()
    except error as raised:
        print(f"{error.__name__}: {str(raised).splitlines()[0]}")
        return
    raise AssertionError(f"{error.__name__} was not raised")


def read(root: str, path: str) -> bytes:
    with open(os.path.join(root, path), "rb") as file:
        return file.read()


def blob_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


api = HfApi(token=False)
repo = {"repo_id": args.dataset, "repo_type": "dataset"}

info = api.dataset_info(args.dataset, files_metadata=True)
assert info.id == args.dataset and len(info.sha) == 40 and info.private is False and info.gated is False, info
assert api.dataset_info(args.dataset, revision=info.sha).sha == info.sha
assert api.dataset_info(args.dataset, expand=["sha", "cardData"]).siblings is None

tree = list(api.list_repo_tree(args.dataset, repo_type="dataset", recursive=True))
files = {entry.path: entry for entry in tree if isinstance(entry, RepoFile)}
folders = [entry.path for entry in tree if isinstance(entry, RepoFolder)]
assert files and {sibling.rfilename for sibling in info.siblings} == set(files)
for path, file in files.items():
    content = read(args.folder, path)
    assert file.size == len(content), path
    if file.lfs is None:
        assert file.blob_id == blob_id(content), path
    else:
        assert file.lfs.sha256 == hashlib.sha256(content).hexdigest(), path
for folder in folders:
    listed = {entry.path for entry in api.list_repo_tree(args.dataset, folder, repo_type="dataset", revision=info.sha)}
    assert listed == {p for p in [*files, *folders] if os.path.dirname(p) == folder}, folder
expanded = list(api.list_repo_tree(args.dataset, repo_type="dataset", recursive=True, expand=True))
assert [entry.path for entry in expanded] == [entry.path for entry in tree] and expanded[0].last_commit.oid == info.sha
print(f"{args.dataset}: {len(files)} files in {len(folders)} folders")

paths = [*files, *folders, "no/such/file"]
assert {entry.path for entry in api.get_paths_info(**repo, paths=paths)} == {*files, *folders}
refs = api.list_repo_refs(**repo)
assert any(branch.name == "main" and branch.target_commit == info.sha for branch in refs.branches)
assert api.list_repo_commits(**repo)[0].commit_id == info.sha

for path in files:
    downloaded = hf_hub_download(**repo, filename=path, token=False)
    assert read("", downloaded) == read(args.folder, path), path
snapshot = snapshot_download(**repo, revision=info.sha, cache_dir=os.path.join(home.name, "snapshot"), token=False)
assert all(read(snapshot, path) == read(args.folder, path) for path in files)
largest = max(files.values(), key=lambda file: file.size).path
with HfFileSystem(token=False).open(f"datasets/{args.dataset}@{info.sha}/{largest}", "rb", block_size=1024) as remote:
    content = read(args.folder, largest)
    remote.seek(len(content) // 2)
    assert remote.read(100) == content[len(content) // 2 :][:100]
print(f"downloads and ranges of {len(files)} files are equal")

raises(EntryNotFoundError, lambda: hf_hub_download(**repo, filename="no/such/file", token=False))
raises(EntryNotFoundError, lambda: list(api.list_repo_tree(args.dataset, "no/such/folder", repo_type="dataset")))
raises(RevisionNotFoundError, lambda: api.dataset_info(args.dataset, revision="no-such-branch"))
raises(RevisionNotFoundError, lambda: hf_hub_download(**repo, filename="README.md", revision="0" * 40, token=False))
if args.gated:
    assert api.dataset_info(args.gated).gated in ("auto", "manual")
    gated = {"repo_id": args.gated, "repo_type": "dataset", "filename": "README.md"}
    raises(GatedRepoError, lambda: hf_hub_download(**gated, token=False))
    raises(GatedRepoError, lambda: hf_hub_download(**gated, token="hf_not_on_the_list"))
    if args.token:
        assert hf_hub_download(**gated, token=args.token)
if args.private:
    raises(RepositoryNotFoundError, lambda: api.dataset_info(args.private))
    raises(RepositoryNotFoundError, lambda: api.dataset_info(args.private, token="hf_of_another_user"))
    if args.token:
        assert api.dataset_info(args.private, token=args.token).private is True
if args.missing:
    raises(RepositoryNotFoundError, lambda: api.dataset_info(args.missing))
    raises(RepositoryNotFoundError, lambda: api.dataset_info(args.missing, token="hf_of_a_user"))
