"""Files as one ZIP archive and back: the same bytes every time, and nothing read unlimited."""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from accounting import manifest
from ledger.core.errors import Finding, InputRefused

FILES_MAX = 200
BYTES_MAX = 64 << 20
CASE_BYTES_MAX = 16 << 20
WORKBOOK_BYTES_MAX = 32 << 20
NAME_MAX = 200
DEPTH_MAX = 8
TIME = (1980, 1, 1, 0, 0, 0)
WORKBOOK = ".xlsx"
BROKEN = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError,
    ValueError,
)  # fmt: skip
SYSTEM_UNIX = 3


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return files as an archive; no clock and no order of chance enters."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, TIME)
            entry.create_system, entry.external_attr = SYSTEM_UNIX, 0o644 << 16
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def unpacked(content: bytes, most: int = BYTES_MAX) -> dict[str, bytes]:
    """Return the files of an archive by name; refuse it with all its findings.

    A folder that holds everything is taken off. Refused are names that leave the folder, links,
    encrypted and double entries, and more than 200 files or so many bytes when unpacked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [each for each in archive.infolist() if not each.is_dir()]
            if found := tuple(_findings(entries, most)):
                raise InputRefused(found)
            files = {each.filename: archive.read(each) for each in entries}
    except BROKEN as error:
        raise InputRefused((_unreadable(None, str(error)),)) from None
    if found := tuple(each for name, one in files.items() for each in _workbook(name, one)):
        raise InputRefused(found)
    return _without_folder(files)


def of_folder(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder by name; refuse links, and more than an archive may hold."""
    paths = [each for each in sorted(folder.rglob("*")) if each.is_symlink() or not each.is_dir()]
    names = {each: each.relative_to(folder).as_posix() for each in paths}
    linked = [each for each in paths if each.is_symlink() or not each.is_file()]
    if linked:
        raise InputRefused(tuple(_not_a_file(names[each]) for each in linked))
    if found := tuple(
        _too_large(len(paths), sum(each.stat().st_size for each in paths), BYTES_MAX)
    ):
        raise InputRefused(found)
    return {names[each]: each.read_bytes() for each in paths}


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files into a folder; their names were read by ``unpacked`` and stay inside."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _findings(entries: list[zipfile.ZipInfo], most: int) -> Iterator[Finding]:
    yield from _too_large(len(entries), sum(each.file_size for each in entries), most)
    seen: set[str] = set()
    for each in entries:
        name = each.filename
        kind = stat.S_IFMT(each.external_attr >> 16)
        if not _is_plain(name):
            yield Finding("archive.outside", "The name of a file leaves its folder", name)
        elif kind not in (0, stat.S_IFREG):
            yield _not_a_file(name)
        elif name.casefold() in seen:
            yield Finding("archive.twice", "Two files have one name", name)
        elif each.flag_bits & 1:
            yield _unreadable(name, "encrypted")
        seen.add(name.casefold())


def _is_plain(name: str) -> bool:
    printable = name.isprintable() and "\\" not in name and ":" not in name
    short = len(name) <= NAME_MAX and name.count("/") < DEPTH_MAX
    return printable and short and "//" not in name and manifest.is_inside(name)


def _too_large(count: int, size: int, most: int) -> Iterator[Finding]:
    if count > FILES_MAX:
        facts = {"files": count, "most": FILES_MAX}
        yield Finding("archive.too-many-files", "Too many files", facts=facts)
    if size > most:
        facts = {"bytes": size, "most": most}
        yield Finding("archive.too-large", "Too many bytes", facts=facts)


def _workbook(name: str, content: bytes) -> Iterator[Finding]:
    """Look into a workbook, which is an archive itself, before anybody opens it."""
    if not name.lower().endswith(WORKBOOK):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            size = sum(each.file_size for each in book.infolist())
    except BROKEN as error:
        yield _unreadable(name, str(error))
        return
    if size > WORKBOOK_BYTES_MAX:
        facts = {"bytes": size, "most": WORKBOOK_BYTES_MAX}
        yield Finding("archive.too-large", "Too many bytes", name, facts=facts)


def _without_folder(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Take off the folder that a bureau packed as a whole, where everything lies in it."""
    tops = {name.partition("/")[0] for name in files}
    if len(tops) != 1 or any("/" not in name for name in files):
        return dict(files)
    return {name.partition("/")[2]: content for name, content in files.items()}


def _not_a_file(name: str) -> Finding:
    return Finding("archive.not-a-file", "Not an ordinary file", name)


def _unreadable(name: str | None, why: str) -> Finding:
    title = "Not an archive that can be read"
    return Finding("archive.unreadable", title, name, facts={"why": why})
