"""Input files: found, let in or refused as a whole, and known by what is in them."""

import hashlib
import logging
import posixpath
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pyarrow import fs

from housing_spark.contract import Contract
from housing_spark.errors import ConfigurationError, InputRefusedError
from housing_spark.settings.sections import Ingest
from housing_spark.sources.content import inspect_content

_LOG = logging.getLogger(__name__)
_HIDDEN = ("_", ".")


@dataclass(frozen=True)
class InputFile:
    """One file (or Delta table) of an input, let in; its state is the size and the time that it had then."""

    path: str
    identity: str
    header: tuple[str, ...]
    rows_are_absent: bool = False
    state: str = ""

    @property
    def name(self) -> str:
        """The file's own name."""
        return posixpath.basename(self.path.rstrip("/"))


def _find_input(location: str, contract: Contract, settings: Ingest) -> list[fs.FileInfo]:
    """The files of an input: one file, or every file below a folder, in order of path.

    Raises:
        ConfigurationError: Outside the allowed folders.
        InputRefusedError: Nothing is there.
    """
    system, path = _open(location)
    _check_allowed(location, path, settings.allowed_roots)
    info = system.get_file_info(path)
    if info.type == fs.FileType.NotFound:
        raise InputRefusedError("E-ING-008", f"no input at {location}; give a file or a folder with --input")
    if info.type == fs.FileType.File or contract.source.format == "delta":
        return [info]
    found = [
        entry
        for entry in system.get_file_info(fs.FileSelector(path, recursive=True))
        if entry.type == fs.FileType.File and not _is_hidden(posixpath.relpath(entry.path, path))
    ]
    if not found:
        raise InputRefusedError("E-ING-008", f"no files in the folder {location}")
    for entry in found:
        _check_allowed(address(location, path, entry.path), entry.path, settings.allowed_roots)
    return sorted(found, key=lambda entry: entry.path)


def list_input(location: str, contract: Contract, settings: Ingest, *, is_label_optional: bool) -> list[InputFile]:
    """The files of an input, each read once: identity, header, and no reason to refuse it.

    Args:
        location: A file or folder, as a path or URI.
        contract: Format, reader options and columns.
        settings: What makes a file the same, and which are let in.
        is_label_optional: Whether the label's column may be absent, as in rows that are only to be scored.

    Raises:
        ConfigurationError: Outside the allowed folders.
        InputRefusedError: Nothing is there, a file cannot be taken whole, or no file has rows.
    """
    found = _find_input(location, contract, settings)
    system, root = _open(location)

    def inspect(entry: fs.FileInfo) -> InputFile | InputRefusedError:
        try:
            seen = inspect_content(system, entry, contract, settings)
            if contract.source.format != "delta":  # its names are read with its rows
                check_names(entry.base_name, seen.header, contract, is_label_optional=is_label_optional)
        except InputRefusedError as refusal:
            return refusal
        identity = seen.sha256 if settings.identity == "content" else _name_size_time(entry)
        where, state = address(location, root, entry.path), _state(entry)
        return InputFile(where, identity, seen.header, seen.rows_are_absent, state)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(inspect, found))
    files = _all_let_in(results)
    if all(file.rows_are_absent for file in files):
        raise InputRefusedError("E-ING-003", f"{location}: no file has a row below its header")
    for file in files:
        if file.rows_are_absent:
            _LOG.warning("%s: has no row below its header", file.name)
    return files


def _all_let_in(results: Sequence[InputFile | InputRefusedError]) -> list[InputFile]:
    refusals = [result for result in results if isinstance(result, InputRefusedError)]
    if refusals:
        more = f" (and {len(refusals) - 1} more files)" if len(refusals) > 1 else ""
        raise InputRefusedError(refusals[0].code, str(refusals[0]).removeprefix(refusals[0].code + " ") + more)
    return [result for result in results if isinstance(result, InputFile)]


def address(location: str, root: str, path: str) -> str:
    """A found file as Spark opens it: what Arrow calls its path has lost the host and the account.

    Args:
        location: The input, as it was given.
        root: What Arrow calls the input.
        path: What Arrow calls the file.
    """
    return location.rstrip("/") + path.removeprefix(root.rstrip("/")) if "://" in location else path


def _open(location: str) -> tuple[fs.FileSystem, str]:
    if "://" in location:
        # Hadoop's name of S3 is not Arrow's.
        system, path = fs.FileSystem.from_uri(location.replace("s3a://", "s3://", 1))
        return system, path
    return fs.LocalFileSystem(), str(Path(location).absolute())


def _check_allowed(location: str, path: str, roots: Sequence[str]) -> None:
    if not roots:
        return
    real = Path(path).resolve() if "://" not in location else Path(location)
    if not any(real.is_relative_to(Path(root).resolve() if "://" not in root else Path(root)) for root in roots):
        raise ConfigurationError(
            "E-CFG-010",
            f"{location}: is {real}, outside ingest.allowed_roots ({', '.join(roots)}); move it or add its folder",
        )


def _is_hidden(relative: str) -> bool:
    return any(part.startswith(_HIDDEN) for part in relative.split("/"))


def _name_size_time(entry: fs.FileInfo) -> str:
    return hashlib.sha256(f"{entry.path}|{_state(entry)}".encode()).hexdigest()


def _state(entry: fs.FileInfo) -> str:
    return f"{entry.size}|{entry.mtime_ns}"


def changed_files(files: Sequence[InputFile]) -> list[str]:
    """Names of the files that are others now than when they were looked at."""
    return [file.name for file in files if file.state != _state_now(file.path)]


def _state_now(path: str) -> str:
    system, place = _open(path)
    return _state(system.get_file_info(place))


def check_names(name: str, header: Sequence[str], contract: Contract, *, is_label_optional: bool) -> None:
    """Compare a file's column names with the contract's, without regard to order and case.

    Raises:
        InputRefusedError: A column appears twice, is unknown or is missing; the message has both lists.
    """
    header = [column.strip().lower() for column in header]
    is_personal = any(column.pii for column in contract.columns.values())  # the first row may be no header
    known = {file_name.lower(): column for file_name, column in contract.file_names.items()}
    for column in header:
        if header.count(column) > 1:
            which = "a column" if is_personal and column not in known else f"column '{column}'"
            raise InputRefusedError("E-ING-002", f"{name}: {which} appears twice in the header")
    unknown = [] if contract.extra_columns == "ignore" else [column for column in header if column not in known]
    missing = [column for column in known if column not in header]
    if contract.source.format == "json":
        missing = [column for column in missing if contract.columns[known[column]].required]
    if is_label_optional:
        missing = [column for column in missing if known[column] != contract.label]
    if unknown or missing:
        told = f"{len(unknown)}, not shown" if is_personal and unknown else ", ".join(unknown) or "none"
        raise InputRefusedError(
            "E-ING-001",
            f"{name}: columns missing: {', '.join(missing) or 'none'}; unknown: {told}; "
            "rename them with 'from:' in the contract, or set extra_columns: ignore",
        )
