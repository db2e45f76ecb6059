"""The pages of GEP in a browser: every part of an account, a figure explained, three people."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from accounting import archive
from api import cases, session
from ledger import journal
from ledger.core.book import ALLOWED, COMMAND_LINE
from ledger.store import open_store
from ledger.store.load import find_book
from tests.accounting import made_up
from tests.api.conftest import BOOK
from tests.browser.conftest import opened, served

ROLES = ("gep.compiler", "gep.reviewer", "gep.publisher")
LANGUAGES = ("zh-CN", "en")
PARTS = {
    "account": (2, "35.4557"),
    "services": (0, "11.5756"),
    "regions": (1, "15.7411"),
    "types": (1, "5.7878"),
    "years": (1, "42.0698"),
    "growth": (1, "1.7420"),
    "uncertainty": (1, "P95"),
    "evidence": (0, "8.342"),
}
"""By part: how many charts it has, and one of the figures on it."""


class Site:
    """A served book with the made-up county, and keys by role."""

    def __init__(self, address: str, case: str, keys: dict[str, str]) -> None:
        self.address, self.case, self.keys = address, case, keys

    def page(self, path: str, lang: str = "en") -> str:
        """Return the address of a page."""
        return f"{self.address}{path}{'&' if '?' in path else '?'}lang={lang}"


@pytest.fixture
def gep(sqlite_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    """An empty book, the case of the made-up county kept beside it, a key for each role."""
    files = archive.of_folder(made_up.write(tmp_path / "made-up"))
    with open_store(sqlite_url) as store:
        journal.open_book(store, BOOK, policy={COMMAND_LINE: ALLOWED})
        keys = {role: session.new_key(store, role, role, BOOK) for role in (*ROLES, "trader")}
        with store.reading() as connection:
            book = find_book(connection, BOOK)
        user = session.principal(store, keys[ROLES[0]]).user_id
        kept = cases.keep_case(store, book, user, archive.packed(files))
        with served(store, local=getattr(request, "param", True)) as address:
            yield Site(address, kept.digest, keys)


def signed_in(browser: Browser, gep: Site, role: str, path: str) -> Page:
    """Open a page in a browser of its own, with the key of a role."""
    page = browser.new_context().new_page()
    page.goto(gep.page(f"/login?to={path}"))
    page.fill("input[name=key]", gep.keys[role])
    page.click("button")
    return page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_part_of_an_account(browser: Browser, gep: Site, lang: str) -> None:
    """Each page has its charts and figures, one language, and asks nothing of other machines."""
    for part, (charts, figure) in PARTS.items():
        page, asked = opened(browser, gep.page(f"/gep/cases/{gep.case}?part={part}", lang))

        text = page.inner_text("main")
        assert figure in text, part
        assert page.locator("figure svg").count() == charts, part
        assert page.locator("html").get_attribute("lang") == lang
        assert page.locator("nav.tabs [aria-current=page]").count() == 2, part
        assert {each.split("/")[2] for each in asked} == {gep.address.split("/")[2]}
        if lang == "zh-CN":
            assert not re.search("CNY|Value|assumed|doubt|not estimated", text), part
        else:
            assert not re.search("[一-鿿]", text), part
        page.close()


def test_a_figure_is_followed_to_its_reading(browser: Browser, gep: Site) -> None:
    """Water retention of the county, of a township's forest, then 7.06 CNY/m3 and the reading."""
    page, _ = opened(browser, gep.page(f"/gep/cases/{gep.case}?part=services"))
    page.click("text=water retention")
    assert "11.5756" in page.inner_text("main")
    page.locator("tbody a").first.click()

    text = page.inner_text("main")
    assert "water retention · North-west · forest · 2012" in text
    for each in ("7.06", "readings.csv:", "V = Q", "231,511,520"):
        assert each in text, each


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_report_is_printed_from_the_page(browser: Browser, gep: Site, lang: str) -> None:
    """The link of an account leads to its report in the language of the page."""
    page, _ = opened(browser, gep.page(f"/gep/cases/{gep.case}?year=2012", lang))
    link = page.locator('nav a[href*="report.pdf"]').get_attribute("href")

    answer = page.request.get(f"{gep.address}{link}")

    assert answer.headers["content-type"] == "application/pdf"
    pages = PdfReader(io.BytesIO(answer.body())).pages
    assert "".join(made_up.TITLES[lang].split()) in "".join(pages[0].extract_text().split())


def test_what_a_case_has_not_is_said(browser: Browser, gep: Site) -> None:
    """One year, one region: no empty chart; an unknown case, part or cell is refused in words."""
    said = {
        "/gep/cases/garze-2010?part=growth": "Growth needs two years",
        "/gep/cases/garze-2010?part=regions": "one region, and no polygons",
        "/gep/cases/none": "There is no such case",
        f"/gep/cases/{gep.case}?part=none": "no such page",
        f"/gep/cases/{gep.case}?year=1999": "no such year",
        f"/gep/cases/{gep.case}/explain?cell=X": "no such figure",
        "/gep/editions/none": "no such edition",
    }
    for path, words in said.items():
        page, _ = opened(browser, gep.page(path))
        assert words in page.inner_text("main"), path
        assert page.locator("figure").count() == 0
        page.close()


@pytest.mark.parametrize("gep", [False], indirect=True)
def test_nobody_looks_in_without_a_key_that_reads_gep(browser: Browser, gep: Site) -> None:
    """Elsewhere than on this machine the login comes first; a trader's key opens nothing."""
    for path in ("/gep", f"/gep/cases/{gep.case}", "/gep/editions"):
        page, _ = opened(browser, gep.page(path))
        assert "enter a key" in page.inner_text("body")
        assert signed_in(browser, gep, "trader", path).locator("input[name=key]").count() == 1
        assert signed_in(browser, gep, "gep.reviewer", path).locator("h1").count() == 1


def take(page: Page, action: str, reason: str) -> None:
    """Take a step with its reason."""
    form = page.locator(f'form[action*="/{action}?"]')
    form.locator("input[name=reason]").fill(reason)
    form.locator("button").click()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_three_people_publish_an_account(browser: Browser, gep: Site, lang: str) -> None:
    """Drafted and submitted, reviewed, approved and published; each sees the steps of a role."""
    words = {"zh-CN": "已发布", "en": "published"}[lang]
    compiler = signed_in(browser, gep, "gep.compiler", "/gep/editions")
    compiler.goto(gep.page("/gep/editions", lang))
    compiler.select_option("select", gep.case)
    compiler.fill("form.step input[name=id]", "made-up-2012")
    compiler.fill("form.step input[name=reason]", "初稿")
    compiler.click("form.step button")
    take(compiler, "submit", "请审核")
    assert compiler.locator('form[action*="/review?"]').count() == 0
    path = "/gep/editions/made-up-2012"
    reviewer = signed_in(browser, gep, "gep.reviewer", path)
    take(reviewer, "review", "已核对")
    publisher = signed_in(browser, gep, "gep.publisher", path)
    publisher.goto(gep.page(path, lang))
    take(publisher, "approve", "同意")
    take(publisher, "publish", "发布")

    assert words in publisher.inner_text("h1")
    history = publisher.locator("section table").first.inner_text()
    for each in ("初稿", "请审核", "已核对", "同意", *ROLES):
        assert each in history, each


def test_a_form_of_another_site_is_refused(browser: Browser, gep: Site) -> None:
    """A form without the pass of its session takes no step, whoever is signed in."""
    page = signed_in(browser, gep, "gep.compiler", "/gep/editions")
    page.eval_on_selector("form.step input[name=pass]", "each => each.value = 'forged'")
    page.fill("form.step input[name=id]", "forged")
    page.fill("form.step input[name=reason]", "x")
    page.click("form.step button")

    assert "not made for your session" in page.inner_text("main")
    page.goto(gep.page("/gep/editions"))
    assert "There is no edition yet" in page.inner_text("main")


def test_names_are_shown_and_never_run(browser: Browser, gep: Site) -> None:
    """A reason with markup in it stands on the page as it was typed."""
    page = signed_in(browser, gep, "gep.compiler", "/gep/editions")
    page.fill("form.step input[name=id]", "marked")
    page.fill("form.step input[name=reason]", "<b onclick=alert(1)>&amp;</b>")
    page.click("form.step button")

    assert "<b onclick=alert(1)>&amp;</b>" in page.inner_text("main")
    assert page.locator("main b").count() == 0
