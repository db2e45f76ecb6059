"""The rules of the house that no linter knows: each a small function that names file and line."""

import ast
import importlib
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from ledger.core.errors import every_error

ROOT = Path(__file__).parents[1]
PRODUCT = ("ledger", "accounting", "api", "migrations")
OURS = (*PRODUCT, "tests", "benchmarks")
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
COMMITTERS = ("ledger/writer.py", "api/session.py")
MIGRATION = "ledger/store/migration.py"
SAYING_NOTHING = (
    "helper",
    "helpers",
    "util",
    "utils",
    "manager",
    "handle",
    "process",
    "data",
    "info",
)
NAMED_BY_SQLALCHEMY = ("process_bind_param", "process_result_value")
UNTRACKED = (".git", ".venv", "build", "dist", "__pycache__", ".hypothesis", ".cache")
TEXT = (".py", ".md", ".toml", ".csv", ".lock", ".html", ".css", ".js", ".jsonl", ".mako", ".svg")
ABSOLUTE = re.compile(r"(?<![\w./$}>)-])/(?:work|root|tmp|home|Users|mnt)/\w")
INDEX = re.compile(r"pypi[.]org|python[h]osted|npm[j]s|debian[.]org")
SECRET = re.compile(r"BEGIN [A-Z ]*PRIVATE [K]EY|\bAKIA[0-9A-Z]{16}\b|\bgh[pos]_[0-9A-Za-z]{36}")
HOST = re.compile("://")

Rule = Callable[[str, ast.Module], Iterator[int]]


def a_file_is_not_too_long(name: str, tree: ast.Module) -> Iterator[int]:
    """At most 400 lines."""
    last = max((node.end_lineno or 0 for node in tree.body), default=0)
    if last > FILE_LINES_MAX:
        yield last


def a_function_can_be_read_aloud(name: str, tree: ast.Module) -> Iterator[int]:
    """At most 50 lines, its docstring not counted; a revision of the schema is a table."""
    for function in _functions(tree) if "/versions/" not in name else ():
        first = function.body[1 if ast.get_docstring(function) else 0 :]
        body = (function.end_lineno or 0) - first[0].lineno + 1 if first else 0
        if body > FUNCTION_LINES_MAX:
            yield function.lineno


def the_ledger_counts_without_float(name: str, tree: ast.Module) -> Iterator[int]:
    """Under ledger/ no float is made, named or written; asking whether something is one is fine."""
    asked = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id == "isinstance"
        for part in ast.walk(node)
    }
    for node in ast.walk(tree) if name.startswith("ledger/") else ():
        named = isinstance(node, ast.Name) and node.id == "float" and id(node) not in asked
        written = isinstance(node, ast.Constant) and isinstance(node.value, float)
        if isinstance(node, ast.Name | ast.Constant) and (named or written):
            yield node.lineno


def one_place_commits(name: str, tree: ast.Module) -> Iterator[int]:
    """The writer commits the journal, the session of the interfaces users and keys; nobody else."""
    for node in ast.walk(tree) if name.startswith(PRODUCT) and name not in COMMITTERS else ():
        commits = isinstance(node, ast.Attribute) and node.attr == "commit"
        begins = isinstance(node, ast.Attribute) and node.attr == "begin" and name != MIGRATION
        if isinstance(node, ast.Attribute) and (commits or begins):
            yield node.lineno


def a_module_says_what_it_is_for(name: str, tree: ast.Module) -> Iterator[int]:
    """Every file opens with a docstring."""
    if not ast.get_docstring(tree):
        yield 1


def a_public_function_says_what_it_does(name: str, tree: ast.Module) -> Iterator[int]:
    """Every public function and method of the product has a docstring."""
    public = name.startswith(PRODUCT[:3])
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    bodies = [tree.body, *(each.body for each in classes if not each.name.startswith("_"))]
    for function in (node for body in bodies for node in body if public):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if not function.name.startswith("_") and not ast.get_docstring(function):
            yield function.lineno


def a_name_says_something(name: str, tree: ast.Module) -> Iterator[int]:
    """In the product, no file, class, function, argument or variable is a helper, data or info."""
    if name.startswith(PRODUCT):
        given = [(1, Path(name).stem), *(pair for node in ast.walk(tree) for pair in _given(node))]
        for line, each in given:
            if each not in NAMED_BY_SQLALCHEMY and _words(each) & {*SAYING_NOTHING}:
                yield line


def a_catalogue_cannot_grow(name: str, tree: ast.Module) -> Iterator[int]:
    """A constant of the product is a tuple, a frozenset or a plain dict: never a list or a set."""
    for node in tree.body if name.startswith(PRODUCT) else ():
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        constant = any(isinstance(each, ast.Name) and each.id.isupper() for each in targets)
        if constant and _grows(getattr(node, "value", None)):
            yield node.lineno


RULES: tuple[Rule, ...] = (
    a_file_is_not_too_long,
    a_function_can_be_read_aloud,
    the_ledger_counts_without_float,
    one_place_commits,
    a_module_says_what_it_is_for,
    a_public_function_says_what_it_does,
    a_name_says_something,
    a_catalogue_cannot_grow,
)
BROKEN: tuple[tuple[Rule, str], ...] = (
    (a_file_is_not_too_long, "\n" * 400 + "x = 1"),
    (a_function_can_be_read_aloud, "def f():\n" + " x = 1\n" * 51),
    (the_ledger_counts_without_float, "def f(price: float): ..."),
    (the_ledger_counts_without_float, "PRICE = 1.5"),
    (one_place_commits, "connection.commit()"),
    (one_place_commits, "with engine.begin(): ..."),
    (a_module_says_what_it_is_for, "x = 1"),
    (a_public_function_says_what_it_does, "def f(): ..."),
    (a_name_says_something, "def load_data(): ..."),
    (a_name_says_something, "class TradeManager: ..."),
    (a_catalogue_cannot_grow, "CHECKS: list[str] = []"),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_code_keeps(rule: Rule) -> None:
    """Every Python file of the repository keeps the rule."""
    places = [f"{name}:{line}" for name, tree in _sources() for line in rule(name, tree)]

    assert not places, "\n".join([str(rule.__doc__), *places])


@pytest.mark.parametrize(("rule", "source"), BROKEN, ids=lambda part: getattr(part, "__name__", ""))
def test_a_broken_rule_is_seen(rule: Rule, source: str) -> None:
    """Each rule finds the mistake that it is there for."""
    assert list(rule("ledger/example.py", ast.parse(source)))


@pytest.mark.parametrize(
    ("what", "where"),
    [(ABSOLUTE, ""), (INDEX, ""), (SECRET, ""), (HOST, ".lock")],
    ids=["absolute path", "host of a package index", "secret", "address in a lock"],
)
def test_no_file_holds(what: re.Pattern[str], where: str) -> None:
    """What ties the repository to one machine, one index or one owner is not in it."""
    places = [f"{name}:{line}" for name, line, text in _lines(where) if what.search(text)]

    assert not places, "\n".join(places)


def test_every_refusal_has_a_code_of_its_own() -> None:
    """A code is permanent, so two refusals never share one."""
    for name in _modules():
        importlib.import_module(name)
    coded = [error for error in set(every_error()) if "code" in vars(error)]
    shared = [code for code, times in Counter(error.code for error in coded).items() if times > 1]

    assert shared == []


@pytest.mark.parametrize(("folders", "groups"), [(PRODUCT, []), (("tests",), ["dev"])])
def test_what_is_imported_is_declared(folders: tuple[str, ...], groups: list[str]) -> None:
    """A package that the code imports stands in pyproject.toml by its own name."""
    declared = _declared(groups)
    owners = packages_distributions()
    places = [
        f"{name}: {package}"
        for name, tree in _sources(*folders)
        for package in _imported(tree) - set(sys.stdlib_module_names) - {*OURS}
        if not {each.lower().replace("_", "-") for each in owners.get(package, [])} & declared
    ]

    assert not places, "\n".join(places)


def _sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders or (*PRODUCT, "tests", "benchmarks", "examples"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def _lines(suffix: str) -> Iterator[tuple[str, int, str]]:
    for path in sorted(ROOT.rglob(f"*{suffix}")):
        name = path.relative_to(ROOT)
        read = path.suffix in TEXT or path.name in ("Makefile", "run", ".gitignore")
        if read and not any(part in UNTRACKED or "_cache" in part for part in name.parts):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                yield name.as_posix(), number, line


def _modules() -> Iterator[str]:
    for name, _ in _sources(*PRODUCT[:3]):
        yield name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _given(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.lineno, node.name
    elif isinstance(node, ast.arg):
        yield node.lineno, node.arg
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.lineno, node.id


def _words(name: str) -> set[str]:
    return set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_"))


def _grows(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id in ("list", "set")
    return isinstance(value, ast.List | ast.Set | ast.ListComp | ast.SetComp)


def _imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def _declared(groups: list[str]) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"].get("optional-dependencies", {}).values()
    wanted = [project["project"]["dependencies"], *extras]
    wanted += [project["dependency-groups"][group] for group in groups]
    names = [
        re.match(r"[\w.-]+", each) for part in wanted for each in part if isinstance(each, str)
    ]
    return {name[0].lower().replace("_", "-") for name in names if name}
