"""Many years of a case at once: their series and growth, one dossier for all of them."""

import gc
from pathlib import Path

from rich.markup import escape

from accounting import dossier, span
from accounting.case import Case
from accounting.pack import Pack
from api.commands.speech import print_json
from api.render.text import console as terminal
from api.render.text import show
from api.report import again

SHOWN = ("services_by_year", "series", "series_growth", "growth", "growth_by_year", "plausibility")
IN_FILES = ("physical", "monetary", "imports", "users")  # a line for each place: in the files only


def run(
    found: Case, under: Pack, years: str, path: Path, out: Path | None, *, reports: bool = True
) -> tuple[span.Span, tuple[Path, ...]]:
    """Run the years that a text names, and write their dossier where a folder is given.

    ``reports`` says whether they go into it: they take longer than all the rest.
    """
    chosen = span.years_named(years, found)
    gc.freeze()  # readings and lines stay until the end: the collector need not look at them again
    made = span.of(found, under, chosen)
    gc.freeze()
    if out is None:
        return made, ()
    drawn = again.files(found, made.accounts[-1], {}, made.accounts) if reports else {}
    return made, dossier.put(out, dossier.contents_of_years(made, path, drawn))


def tell(
    made: span.Span, written: tuple[Path, ...], out: Path | None, *, hidden: frozenset[str],
    locale: str, as_json: bool,
) -> None:  # fmt: skip
    """Say what the years come to: for people a summary, for programs all that has few rows."""
    statements = span.statements(made)
    if as_json:
        files = [each.relative_to(out).as_posix() for each in written] if out else []
        said = {n: each for n, each in statements.items() if n not in IN_FILES}
        years = {"years": list(made.years), "files": files}
        print_json(years | dossier.as_json(said))
        return
    console = terminal()
    for name in SHOWN:
        if name in statements and statements[name].rows:
            show(console, statements[name], locale, hidden)
    console.print(f"pack {made.pack.id} {made.pack.edition}, digest {made.pack.digest[:16]}",
                  highlight=False)  # fmt: skip
    for each in written:
        console.print(escape(str(each)), highlight=False)
