"""A pack that inherits: what it adds, replaces and drops, and what it may not."""

from pathlib import Path

import pytest

from accounting import inheritance, pack
from accounting.inheritance import Table
from ledger.core.errors import InputRefused

HEAD = """
id = "child"
edition = "1"
title = { zh = "子包", en = "child" }
source = { document = "a worked example", tag = "C" }
inherits = { id = "garze-2010", edition = "2010" }
"""
LINE = """
[[line]]
service = "oxygen"
name = { zh = "释氧", en = "oxygen" }
group = "固碳释氧"
class = "regulating"
counts_in = "memo"
seea = "none"
method = "stated-value"
value = "recreation_value"
bind.recreation_value = "given"
"""


def child(folder: Path, text: str) -> pack.Pack:
    """Read a pack that inherits the Garzê study."""
    path = folder / "child.toml"
    path.write_text(HEAD + text, "utf-8")
    return pack.read(path)


def codes(folder: Path, text: str) -> set[str]:
    """Return the codes of what such a pack is refused for."""
    with pytest.raises(InputRefused) as refused:
        child(folder, text)
    return {each.code for each in refused.value.findings}


def test_what_a_child_does_not_say_is_its_parents(tmp_path: Path) -> None:
    """All 28 lines, the list of types, the groups; its own id, title and source."""
    parent, found = pack.load("garze-2010"), child(tmp_path, "")

    assert (found.id, found.source.tag, found.ecosystems) == ("child", "C", parent.ecosystems)
    assert [x.service for x in found.lines] == [x.service for x in parent.lines]
    assert found.groups == parent.groups
    assert found.digest != parent.digest


def test_a_line_with_a_method_replaces_another_in_its_place(tmp_path: Path) -> None:
    """Oxygen stands where it stood, and nothing of the old line is left in it."""
    parent, found = pack.load("garze-2010"), child(tmp_path, LINE)
    (old,), (new,) = ([x for x in of.lines if x.service == "oxygen"] for of in (parent, found))

    assert parent.lines.index(old) == found.lines.index(new)
    assert (new.method, new.price, dict(new.bind)) == (
        "stated-value",
        None,
        {"recreation_value": "given"},
    )


def test_a_line_without_a_method_amends_one(tmp_path: Path) -> None:
    """A new price and memo; method, quantity and binding stay."""
    price = 'price = { value = "1", unit = "CNY/t.O2", price_year = 2020 }'
    text = f'[[line]]\nservice = "oxygen"\ncounts_in = "memo"\n{price}\n'
    (line,) = (x for x in child(tmp_path, text).lines if x.service == "oxygen")

    assert (line.counts_in, line.method, line.quantity) == ("memo", "priced", "oxygen_released")
    assert line.price
    assert line.price.value == "1"


def test_lines_groups_and_parts_of_lines_fall_away(tmp_path: Path) -> None:
    """Recreation and its group; the price of oxygen, which a reading then gives."""
    text = """
drop.lines = ["recreation"]
drop.groups = ["景观游憩"]
[[line]]
service = "oxygen"
drop = ["price"]
"""
    found = child(tmp_path, text)
    (line,) = (x for x in found.lines if x.service == "oxygen")

    assert "recreation" not in {x.service for x in found.lines}
    assert "景观游憩" not in found.groups
    assert line.price is None


def test_the_digest_is_of_the_pack_as_resolved(tmp_path: Path) -> None:
    """What it inherits is written out: a stranger needs no parent to read it."""
    found = child(tmp_path, LINE)
    again = pack.of_table("pack.json", found.table)

    assert inheritance.INHERITS not in found.table
    assert again.digest == found.digest
    assert again.lines == found.lines


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('drop.lines = ["no-such-line"]', "pack.nothing-to-drop"),
        ('drop.groups = ["风"]', "pack.nothing-to-drop"),
        ('drop.groups = ["景观游憩"]', "pack.unknown-group"),
        (LINE + LINE, "pack.duplicate-service"),
        ('[[line]]\nservice = "new"\ncounts_in = "gep"', "pack.missing-field"),
    ],
)
def test_a_child_that_cannot_be_is_refused(tmp_path: Path, text: str, code: str) -> None:
    """What is dropped must be there, and what is left must stand by itself."""
    assert code in codes(tmp_path, text)


@pytest.mark.parametrize("said", ['id = "garze-2011"', 'id = "garze-2010", edition = "2009"'])
def test_an_unknown_parent_is_refused(tmp_path: Path, said: str) -> None:
    """An inherited edition is named, and on the shelf."""
    path = tmp_path / "child.toml"
    path.write_text(f'id = "child"\nedition = "1"\ninherits = {{ {said} }}\n', "utf-8")
    with pytest.raises(InputRefused) as refused:
        pack.read(path)

    assert [each.code for each in refused.value.findings] == ["pack.unknown-parent"]


def test_a_circle_of_packs_is_refused() -> None:
    """One inherits two, two inherits one."""
    one = {"id": "one", "edition": "1", "inherits": {"id": "two", "edition": "1"}}
    two = {"id": "two", "edition": "1", "inherits": {"id": "one", "edition": "1"}}
    shelf: dict[tuple[str, str | None], Table] = {("one", "1"): one, ("two", "1"): two}
    with pytest.raises(InputRefused) as refused:
        inheritance.resolved("one.toml", one, lambda *name: shelf.get(name))

    assert [each.code for each in refused.value.findings] == ["pack.circular-inheritance"]


def test_what_is_not_resolved_is_not_used() -> None:
    """A dossier whose pack still inherits something is no evidence."""
    table = {**pack.load("garze-2010").table, "inherits": {"id": "garze-2010"}}
    with pytest.raises(InputRefused) as refused:
        pack.of_table("pack.json", table)

    assert "pack.not-resolved" in {each.code for each in refused.value.findings}
