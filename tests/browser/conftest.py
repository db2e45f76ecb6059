"""A served demonstration, keys to it, and a browser."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from api import session
from api.app import create_app
from ledger.store import Store, open_store
from tests.api.conftest import BOOK

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip


@contextmanager
def served(store: Store, *, local: bool) -> Iterator[str]:
    """Serve a store on a free port, and give its address."""
    app = create_app(store, local=local)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def site(demonstration_url: str, request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """A served demonstration, open to this machine or not, and an auditor's key."""
    with open_store(demonstration_url) as store:
        key = session.new_key(store, "auditor", "auditor", BOOK)
        with served(store, local=getattr(request, "param", True)) as address:
            yield address, key


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """A headless browser; each page that is opened in it has a session of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=list(FLAGS))
        yield browser
        browser.close()


def opened(browser: Browser, address: str) -> tuple[Page, list[str]]:
    """Open a page and note every request it makes."""
    page, asked = browser.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(address)
    page.evaluate("document.fonts.ready")
    return page, asked
