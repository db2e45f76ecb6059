"""Everything that can be found wrong with a case, all at once: files, pack, published figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from accounting import case, run, translation
from accounting.account import Account, Line
from accounting.methods import CATALOGUE
from accounting.pack import GIVEN
from accounting.plausibility import audit
from accounting.plausibility.audit import NOT_READ_HERE
from accounting.published import PublishedCheck, in_cny
from ledger.core.errors import DomainError, Finding, InputRefused

PLACES_NAMED = 8
FLOAT_SLACK = Fraction(1, 10**9)  # relative: what float64 may cost, and nothing a reader can see


@dataclass(frozen=True, slots=True)
class CaseFindings:
    """What is wrong with a case, and the check of the table published about it."""

    findings: tuple[Finding, ...]
    published: PublishedCheck | None = None


def of(path: Path | str) -> CaseFindings:
    """Read, run and compare a case; refuse only a folder without a readable case.toml."""
    try:
        found = case.read(path)
    except InputRefused as refused:
        if any(each.code == case.UNREADABLE for each in refused.findings):
            raise
        return CaseFindings(refused.findings)
    published = found.published.findings if found.published else ()
    own = tuple(_of_run(found))
    printed = _of_print(found, Path(path), {each.code for each in own})
    return CaseFindings((*own, *published, *printed), found.published)


def _of_run(found: case.Case) -> Iterator[Finding]:
    try:
        under = found.under()
        found = translation.into(found, under.ecosystems)
        for year in found.years:
            account = run.run(found, under, year)
            yield from differences(account)
            yield from unread(found, account)
            yield from audit.of_account(account, found)
    except InputRefused as refused:
        yield from refused.findings
    except DomainError as refusal:
        yield Finding(refusal.code, refusal.title, case.CASE_FILE, facts=refusal.facts())


def _of_print(found: case.Case, path: Path, seen: set[str]) -> Iterator[Finding]:
    """Audit the published table; what the accounts show already is not told again."""
    if found.published:
        folder = path.parent if path.name == case.CASE_FILE else path
        table = audit.of_table(folder / found.published.file)
        yield from (each for each in table if each.code not in seen)


def differences(account: Account) -> Iterator[Finding]:
    """Yield a finding for each line whose value is not what its published row recomputes to."""
    for line in account.lines:
        if line.check and line.printed and _differs(line):
            title = "The run does not give what the published row comes to"
            facts = {
                "service": line.service,
                "run_cny": line.value_cny,
                "published": line.check.recomputed or line.check.published,
                "unit": line.check.value_unit,
            }
            yield Finding("case.published-differs", title, None, line.check.row, "value", facts)


def unread(found: case.Case, account: Account) -> Iterator[Finding]:
    """Yield a doubt for each quantity that was read at some places of a service, and not at others.

    A service is not estimated there, and nobody said so: a status would.
    """
    for line in {
        each.service: each.of for each in account.lines if each.value_cny is None
    }.values():
        at, _ = run.evaluated(found, line, account.year, CATALOGUE)
        for name, leaf in at.leaves.items():
            origins = zip(at.places, leaf.origins, strict=True)
            missing = [str(place) for place, origin in origins if origin is None]
            if missing and line.bind[name] == GIVEN:
                title = "Read elsewhere and not here: a reading, or a status that says why not"
                facts = {
                    "service": line.service, "places": missing[:PLACES_NAMED],
                    "in_all": len(missing),
                }  # fmt: skip
                yield Finding(NOT_READ_HERE, title, found.readings_file, None, name, facts)


def _differs(line: Line) -> bool:
    """Compare with the recomputed row, or, where it cannot be, with the value as printed."""
    if line.check is None or line.printed is None or line.value_cny is None:
        return False
    value = Fraction(repr(line.value_cny))
    if line.check.recomputed is None:
        return abs(value - line.printed.value) > line.printed.half
    expected = in_cny(line.check.recomputed, line.check.value_unit)
    return expected is None or abs(value - expected.value) > abs(value) * FLOAT_SLACK
