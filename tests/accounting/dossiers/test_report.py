"""The report of a dossier: it has the account's figures, is archivable, and is drawn again."""

import json
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner

from accounting import case, manifest, pack, run, verification
from api.commands.case import app
from api.render.text import number
from api.report import again, report
from api.report.material import Material, gather
from ledger.statements.statement import Label
from tests.accounting import made_up
from tests.accounting.dossiers.forger import GARZE, ROOT, adapt

DRAFT = ROOT / "tests" / "accounting" / "national_draft"
LANGUAGES = {"report.pdf": "zh-CN", "report.en.pdf": "en"}
WORDS = {
    "report.pdf": ("目录", "时间序列", "增长", "不确定性", "合理性审核",
                   "未核算的项目", "甲乡", "水源涵养"),
    "report.en.pdf": ("Contents", "Over the years", "Growth", "Uncertainty", "Plausibility",
                      "Not estimated", "North-west", "water retention"),
}  # fmt: skip


def text(path: Path) -> str:
    """Return the words of a PDF without their spaces, which a typesetter moves."""
    return "".join(
        "".join(page.extract_text() for page in PdfReader(path).pages).replace("\u200b", "").split()
    )


@pytest.fixture(scope="module")
def garze() -> Material:
    """What the report of Garzê is written from."""
    found = case.read(GARZE)
    return gather(found, run.run(found, pack.load(found.pack, found.edition)))


@pytest.mark.parametrize("name", sorted(LANGUAGES))
def test_a_report_has_the_figures_of_its_account(reported: Path, name: str) -> None:
    """GEP, every value, the digests of account, pack and inputs, and the words of one language."""
    said = json.loads((reported / "account.json").read_text("utf-8"))
    found = text(reported / name)
    sums: dict[str, float] = {}
    for line in said["lines"]:
        sums[line["service"]] = sums.get(line["service"], 0.0) + (line["value_cny"] or 0.0)
    values = (*sums.values(), *said["classes"].values(), said["gep_cny"])
    shown = [number(Decimal(f"{each / 1e8:.4f}"), LANGUAGES[name]) for each in values]

    assert [each for each in shown if each not in found] == []
    for digest in (said["digest"], said["pack"]["digest"], *said["inputs"].values()):
        assert digest in found
    for words in WORDS[name]:
        assert "".join(words.split()) in found, words


def test_no_english_word_stands_in_the_chinese_report_but_names(reported: Path) -> None:
    """Headings, units and findings are Chinese; the words of the English report are not there."""
    found = text(reported / "report.pdf")

    for words in ("notestimated", "CNY", "Value", "GEPby", "assumed", "price", "doubt", "Region"):
        assert words not in found, words


@pytest.mark.parametrize("name", sorted(LANGUAGES))
def test_a_report_can_be_archived(reported: Path, name: str) -> None:
    """PDF/A-2a by its own metadata, tagged, every font a subset of those that ship, embedded."""
    reader = PdfReader(reported / name)
    root: Any = reader.root_object
    pages: Any = reader.pages
    metadata = root["/Metadata"].get_object().get_data().decode()

    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert root["/MarkInfo"]["/Marked"]
    fonts = {
        font["/BaseFont"]: font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        for page in pages
        for font in (each.get_object() for each in page["/Resources"]["/Font"].values())
    }
    assert fonts
    for font, descriptor in fonts.items():
        assert "NotoSansCJKsc-Regular" in font
        assert {"/FontFile2", "/FontFile3"} & descriptor.get_object().keys()


def test_a_reconstruction_says_so_and_lists_what_nobody_read(tmp_path: Path) -> None:
    """The cover of an account under a draft pack warns; each recalled formula stands there."""
    found = case.read(DRAFT)
    material = gather(found, run.run(found, found.under()))
    (tmp_path / "report.pdf").write_bytes(report.pdf(material, "zh-CN"))

    words = text(tmp_path / "report.pdf")
    cover = "".join(PdfReader(tmp_path / "report.pdf").pages[0].extract_text().split())

    assert "重建稿，非标准原文" in cover
    recalled = {name for line in material.account.lines for name in line.recalled}
    assert recalled
    assert [each for each in sorted(recalled) if "".join(each.split()) not in words] == []


def test_a_verification_draws_the_reports_again(reported: Path) -> None:
    """The same figures draw the same bytes, and the command says so."""
    result = CliRunner().invoke(app, ["verify", str(reported)])

    assert result.exit_code == 0, result.output
    assert "drawn again: report.en.pdf, report.pdf" in result.output


def test_a_report_of_other_figures_is_named(reported: Path, tmp_path: Path) -> None:
    """A forger who swaps the report and adapts every digest is found all the same."""
    folder = Path(shutil.copytree(reported, tmp_path / "dossier"))
    (folder / "report.pdf").write_bytes((folder / "report.en.pdf").read_bytes())
    adapt(folder)

    findings = verification.verify(folder, again.same).findings

    assert [(x.code, x.file) for x in findings] == [("dossier.report-differs", "report.pdf")]


def test_other_versions_draw_no_report_to_compare(reported: Path) -> None:
    """Another typesetter would move a line: the digest is checked, the bytes are not claimed."""
    said = manifest.read(reported)
    other = replace(said, versions={**said.versions, "typst": "0.0.1"})
    found = case.read(reported / "inputs")
    account = run.run(found, pack.load(found.pack, found.edition))

    assert again.same(other, found, account, {}, ()) == {}


def test_a_dossier_of_chosen_years_has_a_report_of_them(tmp_path: Path) -> None:
    """2010 and 2012 stand in it with their growth, 2011 does not; it is drawn again."""
    source, folder = made_up.write(tmp_path / "case"), tmp_path / "dossier"
    told = ("run", str(source), "--years", "2010,2012", "--out", str(folder), "--json")
    made = CliRunner().invoke(app, told)
    result = CliRunner().invoke(app, ["verify", str(folder)])
    found = text(folder / "report.en.pdf")

    assert made.exit_code == 0, made.output
    assert result.exit_code == 0, result.output
    assert "drawn again: report.en.pdf, report.pdf" in result.output
    assert "GEPwentfrom" in found
    assert "in2010to" in found
    assert "in2012(" in found
    assert "2011" not in found.partition("Evidence:whatistobeconfirmed")[0]


@pytest.mark.parametrize("title", ["\U0001f600", "\ue000", "a\x00b", '#eval("1")[$`', "甘" * 200])
def test_any_title_is_printed_and_none_is_obeyed(garze: Material, title: str) -> None:
    """What the font has not, what looks like a command, what is too long for a line."""
    account = replace(garze.account, title=Label(title, title))

    assert report.pdf(replace(garze, account=account), "zh-CN").startswith(b"%PDF-")


def test_the_same_account_gives_the_same_bytes(garze: Material) -> None:
    """No clock, no path and no chance enters a report."""
    assert report.pdf(garze, "en") == report.pdf(garze, "en")
