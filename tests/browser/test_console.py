"""The console as a browser draws it: figures, Chinese glyphs, and nothing asked of elsewhere."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import opened

FIGURES = (
    "7,548.95", "7,545.60", "7,545.59", "248,050.60", "188,000.90", "1,092,000.00", "110.40",
    "1,118,000.00", "20,000,000.00", "6,948,666.67", "4,864,066.67", "2,084,600.00",
    "7,029,000.00",
)  # fmt: skip
INK = """
(text) => {
    const canvas = document.createElement("canvas");
    canvas.width = 60; canvas.height = 60;
    const pen = canvas.getContext("2d");
    pen.font = '40px "Noto Sans CJK SC"';
    pen.fillText(text, 5, 45);
    return Array.from(pen.getImageData(0, 0, 60, 60).data).filter((_, i) => i % 4 == 3).join();
}
"""


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh-CN", ("生态产品总值", "试算平衡表", "水源涵养")),
        ("en", ("Trial balance", "water retention")),
    ],
)
def test_figures_and_words(
    browser: Browser, site: tuple[str, str], lang: str, words: tuple[str, ...]
) -> None:
    """Every figure of the demonstration is on the page, in each language; charts are drawn."""
    page, asked = opened(browser, f"{site[0]}/?lang={lang}")
    text = page.inner_text("body")

    for figure in (*FIGURES, *words):
        assert figure in text, figure
    assert page.locator("figure svg").count() == 2
    assert page.locator("html").get_attribute("lang") == lang
    assert {each.split("/")[2] for each in asked} == {site[0].split("/")[2]}


def test_chinese_is_drawn_by_the_font_that_ships(browser: Browser, site: tuple[str, str]) -> None:
    """Different characters leave different ink; a missing glyph would leave the same box."""
    page, _ = opened(browser, f"{site[0]}/?lang=zh-CN")

    assert page.evaluate("document.fonts.check('16px \"Noto Sans CJK SC\"')")
    drawn = {char: page.evaluate(INK, char) for char in "生态产品总值\U000f0000"}
    assert len(set(drawn.values())) == len(drawn)


@pytest.mark.parametrize("site", [False], indirect=True)
def test_a_key_opens_the_console(browser: Browser, site: tuple[str, str]) -> None:
    """Elsewhere than on this machine nothing is shown before the key; a wrong key is refused."""
    page, _ = opened(browser, f"{site[0]}/?lang=en")
    assert "248,050.60" not in page.inner_text("body")
    page.fill("input[name=key]", "gep_wrong")
    page.click("button")
    assert "not in force" in page.inner_text("body")
    page.fill("input[name=key]", site[1])
    page.click("button")
    assert "248,050.60" in page.inner_text("body")
    page.click("button.quiet")
    assert "248,050.60" not in page.inner_text("body")


def test_a_payment_unfolds_to_its_reading(browser: Browser, site: tuple[str, str]) -> None:
    """A click on the evidence shows the steps and the 37,000 people."""
    page, _ = opened(browser, f"{site[0]}/?lang=en")
    page.locator("summary", has_text="jinhua-2022").first.click()

    assert "109 × 37000 person" in page.inner_text("body")
    assert "37000 person" in page.inner_text("body")
