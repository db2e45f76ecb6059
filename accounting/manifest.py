"""The manifest of a dossier: its files with their digests, and what it was made with."""

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from ledger.core.errors import Finding, InputRefused

FILE = "dossier.json"
FORM = 1
PACKAGES = (
    "gep-ledger", "numpy", "pint", "altair", "vl-convert-python", "typst", "noto-cjk-sans-otc",
)  # fmt: skip
UNREADABLE = "dossier.unreadable"


@dataclass(frozen=True, slots=True)
class Draws:
    """How often a dossier's uncertainty was drawn, from which seed, beside which other packs."""

    draws: int
    seed: int
    packs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a dossier says of itself; ``files`` are SHA-256 by name, all but the manifest's own."""

    files: Mapping[str, str]
    versions: Mapping[str, str]
    draws: Draws | None = None
    said: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def digest(self) -> str:
        """The digest of the whole dossier: over everything its manifest says."""
        return sha256(_canonical(self._stated()))

    def text(self) -> str:
        """Return the manifest as the file it is written to."""
        said = {**self._stated(), "digest": self.digest}
        return json.dumps(said, ensure_ascii=False, indent=2, sort_keys=True) + "\n"

    def _stated(self) -> dict[str, Any]:
        draws = self.draws
        drawn = draws and {"draws": draws.draws, "seed": draws.seed, "packs": list(draws.packs)}
        said = {"form": FORM, "files": dict(self.files), "versions": dict(self.versions)}
        return said | {"drawn": drawn}

    def own_findings(self) -> Iterator[Finding]:
        """Yield a finding where the manifest as read is not what its own digest was made over."""
        if _canonical(self.said) != _canonical({**self._stated(), "digest": self.digest}):
            title = "The manifest is not the one its digest was made over"
            facts = {"recorded": str(self.said.get("digest")), "recomputed": self.digest}
            yield Finding("dossier.digest-differs", title, FILE, None, "digest", facts)


def versions() -> dict[str, str]:
    """Return the versions of this program, of its language, of what it computes and draws with."""
    return {"python": platform.python_version()} | {each: _version(each) for each in PACKAGES}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def is_inside(name: str) -> bool:
    """Tell whether a name stays inside the folder it is read in, on any system."""
    parts = (*PurePosixPath(name).parts, *PureWindowsPath(name).parts)
    anchored = PurePosixPath(name).anchor or PureWindowsPath(name).anchor
    return bool(parts) and not anchored and ".." not in parts


def sha256(content: bytes) -> str:
    """Return the digest of a file."""
    return hashlib.sha256(content).hexdigest()


def read(folder: Path) -> Manifest:
    """Read the manifest of a dossier; refuse a file that is none."""
    return of(read_json(folder, FILE))


def of(said: Mapping[str, Any]) -> Manifest:
    """Make a manifest of all that its file says; refuse what is none."""
    try:
        drawn = said["drawn"]
        draws = drawn and Draws(int(drawn["draws"]), int(drawn["seed"]), tuple(drawn["packs"]))
        files, made_with = _texts(said["files"]), _texts(said["versions"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputRefused((_unreadable(FILE, error),)) from None
    return Manifest(files, made_with, draws or None, said)


def read_json(folder: Path, file: str) -> dict[str, Any]:
    """Read a JSON file of a dossier; refuse what cannot be read or is no JSON object."""
    try:
        return json_of(file, (folder / file).read_bytes())
    except OSError as error:
        raise InputRefused((_unreadable(file, error.strerror),)) from None


def json_of(file: str, content: bytes) -> dict[str, Any]:
    """Read the content of a JSON file; refuse what cannot be read or is no JSON object."""
    try:
        said = json.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise InputRefused((_unreadable(file, error),)) from None
    if not isinstance(said, dict):
        raise InputRefused((_unreadable(file, "not a JSON object"),))
    return said


def file_findings(folder: Path, files: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a finding for each file that is missing, was added, or is not what it was."""
    found = {each.relative_to(folder).as_posix(): each for each in folder.rglob("*")}
    there = {name: each for name, each in found.items() if each.is_symlink() or not each.is_dir()}
    for name in sorted(files.keys() - there.keys()):
        yield Finding("dossier.missing-file", "A file of the dossier is missing", name)
    for name in sorted(there.keys() - files.keys() - {FILE}):
        yield Finding("dossier.added-file", "The dossier does not list this file", name)
    for name in sorted(there.keys() & files.keys()):
        path = there[name]
        if path.is_symlink() or not path.is_file():
            yield Finding("dossier.not-a-file", "Not an ordinary file", name)
        elif (found_digest := sha256(path.read_bytes())) != files[name]:
            facts = {"recorded": files[name], "found": found_digest}
            title = "The file is not the one that was recorded"
            yield Finding("dossier.file-differs", title, name, facts=facts)


def _texts(table: Mapping[str, Any]) -> dict[str, str]:
    if not all(isinstance(each, str) for each in table.values()):
        raise TypeError("a name or a digest is not a text")
    return dict(table)


def _canonical(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def _unreadable(file: str, why: object) -> Finding:
    return Finding(UNREADABLE, "Not a file of a dossier that can be read", file, None, None,
                   {"why": str(why)})  # fmt: skip
