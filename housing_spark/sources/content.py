"""What a file holds, seen in one streaming pass over its bytes: hash, header, and damage.

Refused: empty files, binary or wrongly encoded text, cut or damaged archives, lines too long to be rows.
"""

import codecs
import csv
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from housing_spark.contract import Contract
from housing_spark.errors import InputRefusedError
from housing_spark.settings.sections import Ingest
from housing_spark.sources.unzip import CHUNK, Unzip

_HEAD_BYTES = 1 << 20
_JSON_SAMPLE = 1_000
_LINE_END = re.compile(r"\r\n|\n|\r")  # as Spark has it
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Inspection:
    """What one pass over a file showed."""

    sha256: str
    header: tuple[str, ...]
    rows_are_absent: bool


@dataclass
class _TextScan:
    """Running state of the pass over a text file."""

    name: str
    encoding: str
    max_line_bytes: int
    bytes_seen: int = 0
    lines: int = 0
    open_line: int = 0
    head: bytes = b""
    decoder: codecs.IncrementalDecoder = field(init=False)

    def __post_init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder(self.encoding)()

    def feed(self, chunk: bytes, *, is_last: bool = False) -> None:
        if self.bytes_seen == 0 and self.encoding == "utf-8" and chunk[:2] in _UTF16_MARKS:
            raise self._refused("E-ING-004", "is UTF-16; set source.options.encoding")
        try:
            self.decoder.decode(chunk, is_last)
        except UnicodeDecodeError as error:
            place = max(0, self.bytes_seen - (len(error.object) - len(chunk))) + error.start
            raise self._refused(
                "E-ING-004", f"is not valid {self.encoding} at byte {place}; set source.options.encoding"
            ) from error
        self._measure_lines(chunk)
        self.head += chunk[: max(0, _HEAD_BYTES - len(self.head))]
        self.bytes_seen += len(chunk)

    def _measure_lines(self, chunk: bytes) -> None:
        parts = chunk.split(b"\n")
        lengths = [self.open_line + len(parts[0]), *map(len, parts[1:])]
        if max(lengths) > self.max_line_bytes:
            line = self.lines + 1 + next(i for i, length in enumerate(lengths) if length > self.max_line_bytes)
            raise self._refused("E-ING-007", f"line {line} is longer than {self.max_line_bytes} bytes")
        self.lines += len(parts) - 1
        self.open_line = lengths[-1]

    def _refused(self, code: str, cause: str) -> InputRefusedError:
        return InputRefusedError(code, f"{self.name}: {cause}")


def inspect_content(system: fs.FileSystem, entry: fs.FileInfo, contract: Contract, settings: Ingest) -> Inspection:
    """One pass over a file.

    Raises:
        InputRefusedError: The file cannot be taken whole.
    """
    form = contract.source.format
    if form == "delta":
        return _inspect_delta(system, entry)
    if entry.size == 0:
        raise InputRefusedError("E-ING-003", f"{entry.base_name}: is empty")
    if form == "parquet":
        return _inspect_parquet(system, entry)
    scan, sha256 = _scan_text(system, entry, contract, settings)
    text = scan.head.decode(scan.encoding, errors="ignore").removeprefix("\ufeff")
    if form == "json":
        return Inspection(sha256, _json_names(text), not text.strip())
    is_headed = has_header(contract.source.options)
    has_rows = scan.lines + (scan.open_line > 0) > is_headed
    names = _csv_header(_LINE_END.split(text, 1)[0], contract) if is_headed else tuple(contract.file_names)
    return Inspection(sha256, names, not has_rows)


def _scan_text(
    system: fs.FileSystem, entry: fs.FileInfo, contract: Contract, settings: Ingest
) -> tuple[_TextScan, str]:
    encoding = contract.source.options.get("encoding", contract.source.options.get("charset", "utf-8")).lower()
    scan = _TextScan(entry.base_name, encoding, settings.max_line_bytes)
    digest = hashlib.sha256()
    for chunk in _content(system, entry, digest):
        if b"\0" * 8 in chunk and encoding == "utf-8":
            raise InputRefusedError(
                "E-ING-009", f"{entry.base_name}: is a binary file, expected {contract.source.format}"
            )
        scan.feed(chunk)
    scan.feed(b"", is_last=True)
    return scan, digest.hexdigest()


def _content(system: fs.FileSystem, entry: fs.FileInfo, digest: Any) -> Iterator[bytes]:
    unzip = Unzip() if entry.path.endswith(".gz") else None
    with system.open_input_stream(entry.path, compression=None) as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            try:
                yield from unzip.of(chunk) if unzip else (chunk,)
            except zlib.error as error:
                raise InputRefusedError("E-ING-005", f"{entry.base_name}: is damaged, {error}") from error
    if unzip and not unzip.is_whole:
        raise InputRefusedError("E-ING-005", f"{entry.base_name}: is cut short")


def _csv_header(line: str, contract: Contract) -> tuple[str, ...]:
    options = contract.source.options
    reader = csv.reader([line], delimiter=separator_of(options), quotechar=options.get("quote", '"'))
    return tuple(next(reader, ()))


def has_header(options: Mapping[str, str]) -> bool:
    """Whether the first line names the fields."""
    return options.get("header", "true").lower() == "true"


def separator_of(options: Mapping[str, str]) -> str:
    """The character between fields."""
    separator = options.get("sep", options.get("delimiter", ","))
    return "\t" if separator == "\\t" else separator


def _json_names(text: str) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for line in _LINE_END.split(text)[:_JSON_SAMPLE]:
        try:
            value = json.loads(line)
        except ValueError:
            continue
        names.update(dict.fromkeys(value if isinstance(value, dict) else ()))
    return tuple(names)


def _inspect_parquet(system: fs.FileSystem, entry: fs.FileInfo) -> Inspection:
    digest = hashlib.sha256()
    try:
        with system.open_input_file(entry.path) as file:
            footer = pq.ParquetFile(file)
            names, rows = tuple(footer.schema_arrow.names), footer.metadata.num_rows
        with system.open_input_stream(entry.path, compression=None) as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
    except (pa.ArrowException, OSError) as error:
        raise InputRefusedError("E-ING-005", f"{entry.base_name}: is damaged, {str(error).splitlines()[0]}") from error
    return Inspection(digest.hexdigest(), names, rows == 0)


def _inspect_delta(system: fs.FileSystem, entry: fs.FileInfo) -> Inspection:
    log = f"{entry.path}/_delta_log"
    if system.get_file_info(log).type != fs.FileType.Directory:
        raise InputRefusedError("E-ING-008", f"{entry.path}: is not a Delta table")
    commits = sorted(i.base_name for i in system.get_file_info(fs.FileSelector(log)) if i.base_name.endswith(".json"))
    with system.open_input_stream(f"{log}/{commits[-1]}") as stream:
        digest = hashlib.sha256(f"{commits[-1]}|".encode() + stream.read())
    return Inspection(digest.hexdigest(), (), False)
