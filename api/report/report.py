"""The report as files of a dossier: the same account in Chinese and in English."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounting.account import Account
from accounting.case import Case
from api.i18n import EN, ZH
from api.render import typeset
from api.report import evidence, lines, sections, summary
from api.report.material import Material, gather
from ledger.statements.statement import Statement

TEMPLATE = "report.typ"
FILES: Mapping[str, str] = {"report.pdf": ZH, "report.en.pdf": EN}
SECTIONS = (
    summary.summary, sections.totals, lines.section, sections.by_type, sections.by_region,
    sections.over_years, sections.growth, sections.uncertainty, evidence.evidence,
    evidence.doubts, evidence.gaps, evidence.inputs,
)  # fmt: skip


def files(
    case: Case,
    account: Account,
    drawn: Mapping[str, Statement] | None = None,
    chosen: Sequence[Account] = (),
) -> dict[str, bytes]:
    """Return the reports of an account, or of chosen years up to it, by the name of their file."""
    material = gather(case, account, drawn, chosen)
    return {name: pdf(material, locale) for name, locale in FILES.items()}


def pdf(material: Material, locale: str) -> bytes:
    """Return the report in one language as PDF."""
    return typeset.pdf(TEMPLATE, said(material, locale), locale)


def said(material: Material, locale: str) -> dict[str, Any]:
    """Return all that the report says, as JSON values."""
    account, zh = material.account, locale.startswith("zh")
    made = [each(material, locale) for each in SECTIONS]
    return {
        "title": account.title.in_(locale),
        "kind": "生态系统生产总值核算报告" if zh else "Report on gross ecosystem product",
        "contents": "目录" if zh else "Contents",
        "gep": summary.money(account.gep_cny, locale),
        "gep_said": "生态系统生产总值（GEP）" if zh else "Gross ecosystem product (GEP)",
        "cover": summary.cover(account, locale),
        "sections": [each.said() for each in made if each],
    }
