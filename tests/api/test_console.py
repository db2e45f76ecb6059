"""The console without a browser: who sees a page, what a form may hold, names that do harm."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from fastapi.testclient import TestClient

from accounting import archive
from api import session
from api.app import create_app
from ledger import journal
from ledger.core.book import ALLOWED, COMMAND_LINE
from ledger.store import Store, open_store
from tests.accounting import made_up
from tests.api.conftest import BOOK, header

MARKED = "<script>alert(1)</script> #eval[$x$] *b* @y \\u202a"
PARTS = ("account", "services", "regions", "types", "years", "growth", "uncertainty", "evidence")
PAGES = ("/gep", "/gep/cases/garze-2010", "/gep/cases/garze-2010/report.pdf",
         "/gep/cases/garze-2010/explain?cell=513300/all/gep/2010", "/gep/editions",
         "/gep/editions/none")  # fmt: skip
LOCALES = ("zh-CN", "en")


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    """Two empty books, of which the command line may write the first."""
    with open_store(sqlite_url) as store:
        journal.open_book(store, BOOK, policy={COMMAND_LINE: ALLOWED})
        journal.open_book(store, "other")
        yield store


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    """A browser elsewhere than on this machine; an error of the server is an answer."""
    with TestClient(create_app(store), raise_server_exceptions=False) as client:
        yield client


def sign_in(client: TestClient, store: Store, role: str, book: str = BOOK) -> dict[str, str]:
    """Open a session with a new key of a role, and return the header of that key."""
    key = session.new_key(store, role, role, book)
    client.cookies.clear()
    assert client.post("/login", data={"key": key}, follow_redirects=False).status_code == 303
    return header(key)


def case_of(tmp_path: Path, *changes: tuple[str, str]) -> bytes:
    """Pack the made-up county with other words in its files."""
    files = archive.of_folder(made_up.write(tmp_path / "made-up"))
    for name in ("case.toml", "readings.csv"):
        text = files[name].decode()
        for before, after in changes:
            text = re.sub(before, after.replace("\\", r"\\"), text)
        files[name] = text.encode()
    return archive.packed(files)


def kept(client: TestClient, key: dict[str, str], content: bytes) -> str:
    """Upload a case and return its name."""
    answer = client.post("/v1/gep/cases", content=content, headers=key)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.mark.parametrize("role", ["trader", "lender", "admin"])
def test_a_key_that_reads_no_gep_sees_no_page(client: TestClient, store: Store, role: str) -> None:
    """The login instead, and nothing of a case or an edition; so without any key."""
    sign_in(client, store, role)
    signed = {page: client.get(page) for page in PAGES}
    client.cookies.clear()
    nobody = {page: client.get(page) for page in PAGES}

    for page, answer in (*signed.items(), *nobody.items()):
        assert answer.status_code == 401, page
        assert "garze" not in answer.text.lower().replace("/gep/cases/garze-2010", ""), page


def test_a_key_of_one_book_sees_no_page_of_another(client: TestClient, store: Store) -> None:
    """Each page of the other book asks for a key; those of the own book are shown."""
    sign_in(client, store, "gep.compiler", "other")
    for page in PAGES:
        joined = "&" if "?" in page else "?"
        assert client.get(page).status_code == 401, page
        assert client.get(f"{page}{joined}book=other").status_code in {200, 404}, page


FORMS = (
    ("/login", {"key": "é"}, 403),
    ("/login", {str(each): "x" for each in range(50)}, 422),
    ("/gep/editions", {"pass": "é", "id": "a", "case": "garze-2010", "reason": "x"}, 403),
    ("/gep/editions", {str(each): "x" for each in range(50)}, 422),
    ("/gep/editions/none/submit", {"pass": "0" * 64, "reason": "x"}, 403),
)  # fmt: skip


@pytest.mark.parametrize(("path", "sent", "status"), FORMS)
def test_a_form_that_is_none_is_refused(
    client: TestClient, store: Store, path: str, sent: dict[str, str], status: int
) -> None:
    """With a status, never with an error of the server."""
    sign_in(client, store, "gep.compiler")

    assert client.post(path, data=sent).status_code == status


def test_names_with_markup_stay_names(client: TestClient, store: Store, tmp_path: Path) -> None:
    """In title, region and source, on every page, in both languages, and in the report."""
    key = sign_in(client, store, "gep.compiler")
    words = (made_up.TITLES["zh-CN"], made_up.TITLES["en"], "甲乡", "North-west", "made up")
    toml = MARKED.replace("\\", "\\\\")
    case = kept(client, key, case_of(tmp_path, *((re.escape(each), toml) for each in words)))

    for locale in LOCALES:
        for part in PARTS:
            answer = client.get(f"/gep/cases/{case}", params={"part": part, "lang": locale})
            assert answer.status_code == 200, part
            assert "<script" not in answer.text, part
        report = client.get(f"/gep/cases/{case}/report.pdf", params={"lang": locale})
        assert report.content.startswith(b"%PDF")
    for page in ("/gep", "/gep/editions"):
        assert "<script" not in client.get(page).text


@pytest.mark.parametrize("said", ["a\\u0000b", "a\\u001bb", "a\\u202eb"])
def test_a_name_that_cannot_be_printed_is_refused(
    client: TestClient, store: Store, tmp_path: Path, said: str
) -> None:
    """A control character in the name of a region: it would end the process that draws the map."""
    key = sign_in(client, store, "gep.compiler")
    content = case_of(tmp_path, ("North-west", said))
    answer = client.post("/v1/gep/cases", content=content, headers=key)

    assert answer.status_code == 422
    assert [each["code"] for each in answer.json()["findings"]] == ["case.unnamed"]


@pytest.mark.parametrize("years", ["[2010, true]", "[-5, 2010]", "[2010, 99999999999999999999]"])
def test_what_is_no_year_is_refused(
    client: TestClient, store: Store, tmp_path: Path, years: str
) -> None:
    """True, a negative number and one of twenty digits are none."""
    key = sign_in(client, store, "gep.compiler")
    content = case_of(tmp_path, (r"\[2010, 2011, 2012\]", years))
    answer = client.post("/v1/gep/cases", content=content, headers=key)

    assert answer.status_code == 422
    assert [each["code"] for each in answer.json()["findings"]] == ["case.not-a-year"]


def test_a_workbook_that_names_a_far_cell_is_refused_in_time(
    client: TestClient, store: Store, tmp_path: Path
) -> None:
    """Five kilobytes that say they have a cell in row 99,999,999 take no memory for it."""
    key = sign_in(client, store, "gep.compiler")
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["region", "year", "quantity", "value"])
    out, far = io.BytesIO(), io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as read, zipfile.ZipFile(far, "w", zipfile.ZIP_DEFLATED) as made:
        for name in read.namelist():
            text = read.read(name).decode().replace('ref="A1:D1"', 'ref="A1:XFD1048576"')
            row = '<row r="99999999"><c r="XFD99999999"><v>1</v></c></row></sheetData>'
            made.writestr(name, text.replace("</sheetData>", row))
    files = archive.of_folder(made_up.write(tmp_path / "made-up"))
    toml = files.pop("case.toml").replace(b"readings.csv", b"readings.xlsx")
    sent = archive.packed({**files, "case.toml": toml, "readings.xlsx": far.getvalue()})
    answer = client.post("/v1/gep/cases", content=sent, headers=key)

    assert answer.status_code == 422
    assert [each["code"] for each in answer.json()["findings"]] == ["sheet.too-large"]


@pytest.mark.parametrize("year", ["2012", ""])
def test_an_account_of_nothing_has_its_pages(
    client: TestClient, store: Store, tmp_path: Path, year: str
) -> None:
    """Nothing was estimated in the last year, or everything is 0: said, and drawn nowhere."""
    key = sign_in(client, store, "gep.compiler")
    files = archive.of_folder(made_up.write(tmp_path / "made-up"))
    rows = files["readings.csv"].decode()
    if year:
        rows = re.sub(
            rf"(X\d,\w+,{year},\w+),[^,]*,([^,]*),measured", r"\1,,\2,not estimated", rows
        )
    else:
        rows = re.sub(r"(X\d,\w+,\d+,\w+),[^,]*,", r"\1,0,", rows)
    case = kept(client, key, archive.packed(files | {"readings.csv": rows.encode()}))

    for part in PARTS:
        answer = client.get(f"/gep/cases/{case}", params={"part": part, "lang": "en"})
        assert answer.status_code == 200, (part, answer.text[-300:])
    report = client.get(f"/gep/cases/{case}/report.pdf", params={"lang": "en"})
    assert report.content.startswith(b"%PDF")


def test_what_is_refused_is_said_in_the_language_of_the_page(
    client: TestClient, store: Store, tmp_path: Path
) -> None:
    """A missing reading, on a Chinese page: its title, and the names of its facts."""
    key = sign_in(client, store, "gep.compiler")
    case = kept(
        client, key, case_of(tmp_path, (r"\[2010, 2011, 2012\]", "[2010, 2011, 2012, 2013]"))
    )
    page = client.get(f"/gep/cases/{case}", params={"lang": "zh-CN"})

    assert page.status_code == 422
    assert "方法包需要该指标，而案例没有给出" in page.text
    assert "年份: 2013" in page.text
    assert "needs this quantity" not in page.text
