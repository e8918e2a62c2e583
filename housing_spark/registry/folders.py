"""A model folder is code: its hash is taken when it is registered and compared before it is loaded."""

import hashlib
from pathlib import Path

_CHUNK = 1 << 20


def folder_sha256(folder: Path) -> str:
    """The hash of a folder: every file's relative path and content, in order of path."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()
