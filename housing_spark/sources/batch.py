"""What of an input is new: files are known by their identity, whatever they are called."""

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.errors import InputRefusedError
from housing_spark.sources.files import InputFile, changed_files

_LOG = logging.getLogger(__name__)
_DAMAGE = ("FAILED_READ_FILE", "CANNOT_READ_FILE_FOOTER", "MALFORMED", "EOFException")


def new_batch(
    files: Sequence[InputFile], raw: DataFrame | None, last_batch: str, *, is_full: bool
) -> tuple[list[InputFile], str]:
    """The files that raw does not hold yet, once per content, and the name of their batch.

    Args:
        files: Files of the input.
        raw: The raw table so far; ``None``: there is none.
        last_batch: The newest batch on record; a killed job may have left a later one.
        is_full: Take known files again.

    Returns:
        The new files, and a batch name that sorts after all earlier ones.
    """
    known, last = _known(files, raw, last_batch)
    new: dict[str, InputFile] = {}
    for file in files:
        twin = new.get(file.identity)
        if file.identity in known and not is_full:
            _LOG.info("%s: its content was ingested before as %s; adds nothing", file.name, known[file.identity])
        elif twin is not None:
            _LOG.info("%s: has the same content as %s; adds nothing", file.name, twin.name)
        else:
            new[file.identity] = file
    content = hashlib.sha256("".join(sorted(new)).encode()).hexdigest()
    return list(new.values()), f"{last + 1:06d}-{content[:8]}"


def replaced_files(files: Sequence[InputFile]) -> str:
    """The predicate of the raw rows of these files."""
    return f"source_file_hash IN ({', '.join(repr(file.identity) for file in files)})"


def state_of(files: Sequence[InputFile]) -> str:
    """What a write of these files is told apart by from one of the same content that was taken back."""
    return hashlib.sha256("".join(file.state for file in files).encode()).hexdigest()[:8]


@contextmanager
def damage_refused(files: Sequence[InputFile], take_back: Callable[[], object]) -> Iterator[None]:
    """Refuse files that cannot be read, or that changed while they were; the write that met damage committed nothing.

    Args:
        files: What is read inside.
        take_back: Undoes what was written of them.

    Raises:
        InputRefusedError: A file is damaged where only its rows show it, or is another now.
    """
    try:
        yield
    except PySparkException as error:
        text = str(error)
        if not any(mark in text for mark in _DAMAGE):
            raise
        raise InputRefusedError(
            "E-ING-005", f"a file is damaged, nothing was ingested: {text.splitlines()[0]}"
        ) from error
    changed = changed_files(files)
    if changed:
        take_back()
        said = "changed while it was read; nothing was ingested, run again when nobody writes to it"
        raise InputRefusedError("E-ING-006", f"{changed[0]}: {said}")


def _known(files: Sequence[InputFile], raw: DataFrame | None, last_batch: str) -> tuple[dict[str, str], int]:
    """Files that raw holds, by identity, and its last batch; Parquet leaves out what can be neither."""
    if raw is None:
        return {}, 0
    is_asked = F.col("source_file_hash").isin(*(file.identity for file in files))
    pairs = F.collect_set(F.when(is_asked, F.struct("source_file_hash", "source_file")))
    found = raw.where(is_asked | (F.col("batch_id") > last_batch)).agg(
        pairs.alias("known"), F.max("batch_id").alias("last")
    )
    row = found.collect()[0]  # at most one per input file
    known = {pair["source_file_hash"]: pair["source_file"] for pair in row["known"]}
    return known, int(max(row["last"] or "", last_batch).split("-")[0] or 0)
