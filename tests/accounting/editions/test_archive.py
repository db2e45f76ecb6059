"""Archives: the same bytes every time, and nothing that leaves a folder or grows without end."""

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting import archive
from ledger.core.errors import InputRefused

NAMES = st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8}){0,3}\.csv", fullmatch=True)


@given(st.dictionaries(NAMES, st.binary(max_size=200), min_size=2, max_size=8))
def test_files_come_back_as_they_were(files: dict[str, bytes]) -> None:
    """Packed twice, the same bytes; unpacked, the same files, less a folder that held them all."""
    packed = archive.packed(files)
    found = archive.unpacked(packed)

    assert packed == archive.packed(dict(reversed(files.items())))
    assert sorted(found.values()) == sorted(files.values())
    assert all(any(name.endswith(each) for name in files) for each in found)


def as_it_is(entry: zipfile.ZipInfo) -> None:
    """Leave an entry alone."""


def zipped(
    *entries: tuple[str, bytes], change: Callable[[zipfile.ZipInfo], None] = as_it_is
) -> bytes:
    """Pack entries as they are, whatever their names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            entry = zipfile.ZipInfo(name)
            change(entry)
            made.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def link(entry: zipfile.ZipInfo) -> None:
    """Make an entry a symbolic link."""
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16


BOMB = zipped(("xl/worksheets/sheet1.xml", b"0" * (archive.WORKBOOK_BYTES_MAX + 1)))
BROKEN = {
    "no archive": (b"case.toml", "archive.unreadable"),
    "nothing": (b"", "archive.unreadable"),
    "cut off": (archive.packed({"a": b"1" * 5000})[:-40], "archive.unreadable"),
    "a folder above": (zipped(("../a.csv", b"1")), "archive.outside"),
    "deeper above": (zipped(("a/../../b.csv", b"1")), "archive.outside"),
    "from the root": (zipped(("/etc/passwd", b"1")), "archive.outside"),
    "a drive": (zipped(("C:\\a.csv", b"1")), "archive.outside"),
    "backslashes": (zipped(("..\\a.csv", b"1")), "archive.outside"),
    "a control character": (zipped(("a\x1b.csv", b"1")), "archive.outside"),
    "a long name": (zipped(("a" * 201, b"1")), "archive.outside"),
    "a deep name": (zipped(("a/" * 9 + "b", b"1")), "archive.outside"),
    "a link": (zipped(("case.toml", b"/etc/passwd"), change=link), "archive.not-a-file"),
    "two of one name": (zipped(("A.csv", b"1"), ("a.csv", b"2")), "archive.twice"),
    "too many": (zipped(*((f"{n}.csv", b"") for n in range(201))), "archive.too-many-files"),
    "too large": (zipped(("a.csv", b"0" * ((16 << 20) + 1))), "archive.too-large"),
    "a workbook too large": (zipped(("a.xlsx", BOMB)), "archive.too-large"),
    "a workbook that is none": (zipped(("a.xlsx", b"no")), "archive.unreadable"),
}


@pytest.mark.parametrize("how", list(BROKEN))
def test_a_hostile_archive_is_refused(how: str) -> None:
    """Each with its code, and nothing is read of it."""
    content, code = BROKEN[how]

    with pytest.raises(InputRefused) as refused:
        archive.unpacked(content, archive.CASE_BYTES_MAX)

    assert {each.code for each in refused.value.findings} == {code}


def test_an_entry_that_lies_about_its_size_is_refused() -> None:
    """What unpacks to more than it claims is broken, not read on."""
    content = bytearray(zipped(("a.csv", b"0" * 100_000)))
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = (10).to_bytes(4, "little")

    with pytest.raises(InputRefused) as refused:
        archive.unpacked(bytes(content))

    assert {each.code for each in refused.value.findings} == {"archive.unreadable"}


def test_an_encrypted_entry_is_refused() -> None:
    """There is nobody to ask for the password."""
    content = bytearray(zipped(("a.csv", b"1")))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.rindex(mark) + at] |= 1

    with pytest.raises(InputRefused) as refused:
        archive.unpacked(bytes(content))

    assert {each.facts.get("why") for each in refused.value.findings} == {"encrypted"}


def test_a_link_in_a_folder_is_refused(tmp_path: Path) -> None:
    """A dossier is of ordinary files."""
    (tmp_path / "secret").symlink_to("/etc/passwd")

    with pytest.raises(InputRefused) as refused:
        archive.of_folder(tmp_path)

    assert {each.code for each in refused.value.findings} == {"archive.not-a-file"}
