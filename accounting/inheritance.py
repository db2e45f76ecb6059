"""A pack that rests on another edition: what it adds, replaces and drops, resolved before use."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ledger.core.errors import Finding, InputRefused

Table = Mapping[str, Any]
Parent = Callable[[str, str | None], Table | None]
INHERITS, DROP = "inherits", "drop"
JOINED = ("bind", "apportioned")  # parts of a line to which an amendment adds


def resolved(file: str, table: Table, parent: Parent) -> Table:
    """Return a table with all that it inherits; refuse an unknown parent and a circle.

    A line that says its method stands in place of the one of its service, or is added; one that
    does not amends it. ``drop`` names lines, groups, or parts of a line that fall away.
    """
    chain = [table]
    names = [(table.get("id"), table.get("edition"))]
    while INHERITS in chain[-1]:
        said = chain[-1][INHERITS]
        name = (said.get("id"), said.get("edition"))
        above = None if name in names else parent(*name)
        if above is None:
            facts = {"id": name[0], "edition": name[1]}
            circle = Finding("pack.circular-inheritance", "A pack inherits itself", file, None,
                             INHERITS, facts)  # fmt: skip
            unknown = Finding("pack.unknown-parent", "There is no such edition to inherit", file,
                              None, INHERITS, facts)  # fmt: skip
            raise InputRefused((circle if name in names else unknown,))
        chain.append(above)
        names.append(name)
    whole = chain.pop()
    findings: list[Finding] = []
    for each in reversed(chain):
        findings += (*_nothing_to_drop(file, whole, each.get(DROP, {})), *_twice(file, each))
        whole = _joined(whole, each)
    if findings:
        raise InputRefused(tuple(findings))
    return whole


def _joined(parent: Table, child: Table) -> Table:
    drop = child.get(DROP, {})
    groups = {**parent.get("groups", {}), **child.get("groups", {})}
    lines = {
        each["service"]: each
        for each in parent.get("line", ())
        if each["service"] not in drop.get("lines", ())
    }
    for each in child.get("line", ()):
        service = each.get("service", "")
        amends = "method" not in each and service in lines
        lines[service] = _amended(lines[service], each) if amends else each
    own = {name: value for name, value in child.items() if name not in (INHERITS, DROP)}
    kept = {name: value for name, value in groups.items() if name not in drop.get("groups", ())}
    return {**parent, **own, "groups": kept, "line": list(lines.values())}


def _amended(line: Table, by: Table) -> Table:
    gone = by.get(DROP, ())
    whole = {name: value for name, value in line.items() if name not in gone}
    joined = {
        name: {**whole.get(name, {}), **by[name]}
        for name in JOINED
        if isinstance(by.get(name), dict)
    }
    return {**whole, **{name: value for name, value in by.items() if name != DROP}, **joined}


def _twice(file: str, child: Table) -> Iterator[Finding]:
    """Yield a finding for each service that a pack adds, replaces or amends more than once."""
    counted = Counter(each.get("service") for each in child.get("line", ()))
    for service in (each for each, times in counted.items() if times > 1):
        title = "The pack has this service twice"
        yield Finding("pack.duplicate-service", title, file, None, "service", {"service": service})


def _nothing_to_drop(file: str, parent: Table, drop: Table) -> Iterator[Finding]:
    there = {
        "lines": {each["service"] for each in parent.get("line", ())},
        "groups": set(parent.get("groups", {})),
    }
    for name, known in there.items():
        for each in drop.get(name, ()):
            if each not in known:
                title = "What is dropped is not in the edition that is inherited"
                facts = {"found": each}
                yield Finding("pack.nothing-to-drop", title, file, None, f"{DROP}.{name}", facts)
