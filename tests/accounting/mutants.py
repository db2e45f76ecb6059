"""Formulas with one thing wrong: an operator, a sign, a comparison or a number changed."""

import ast
import copy
import types
from collections.abc import Iterator
from pathlib import Path

import accounting
from accounting.method import Method

PACKAGE = Path(accounting.__file__).parent
SWAPPED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
}  # fmt: skip
TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt, ast.LtE: ast.Gt, ast.Gt: ast.Lt, ast.GtE: ast.Lt,
}  # fmt: skip
SHAPING = frozenset({"axis", "expand_dims", "argsort", "flip"})


def files() -> list[Path]:
    """Return the file of every method and model."""
    return sorted([*PACKAGE.glob("methods/[a-z]*.py"), *PACKAGE.glob("models/[a-z]*.py")])


def mutants(path: Path) -> Iterator[tuple[str, Method]]:
    """Yield each way to get the formulas of a file wrong, and the method that it makes."""
    tree = ast.parse(path.read_text("utf-8"))
    for place, statement in enumerate(_formulas(tree)):
        for n in range(sum(1 for _ in ast.walk(statement))):
            changed = copy.deepcopy(tree)
            wrong = list(_formulas(changed))[place]
            if _change(wrong, n):
                yield ast.unparse(wrong), _made(changed)


def _formulas(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield what a formula is made of: the numbers of its file and the statements of functions."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield from node.body
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) != "METHOD":
            yield node


def _made(tree: ast.Module) -> Method:
    module = types.ModuleType("mutant")
    exec(compile(ast.fix_missing_locations(tree), "mutant", "exec"), module.__dict__)  # noqa: S102 - our own source
    made: Method = module.METHOD
    return made


def _change(statement: ast.stmt, place: int) -> bool:
    """Change the node at a place of a statement; False where there is nothing to get wrong."""
    shapes = {id(part) for node in ast.walk(statement) for part in _shaping(node)}
    node = list(ast.walk(statement))[place]
    if id(node) in shapes:
        return False
    if isinstance(node, ast.BinOp) and type(node.op) in SWAPPED:
        node.op = SWAPPED[type(node.op)]()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node.op = ast.UAdd()
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in TURNED:
        node.ops[0] = TURNED[type(node.ops[0])]()
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        node.value = node.value * 1.1 + 0.01  # type: ignore[operator]
    else:
        return False
    return True


def _shaping(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what says along which axis something is done, and which part of a series is meant."""
    if isinstance(node, ast.keyword) and node.arg in SHAPING:
        yield from ast.walk(node)
    if isinstance(node, ast.Slice):
        yield from ast.walk(node)
    called = node.func if isinstance(node, ast.Call) else None
    if isinstance(node, ast.Call) and isinstance(called, ast.Attribute) and called.attr in SHAPING:
        for argument in node.args[1:]:
            yield from ast.walk(argument)
