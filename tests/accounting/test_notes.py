"""What is noted of a line concerns that line, and not its neighbour."""

from pathlib import Path

from accounting import case, explain, findings, run
from accounting.plausibility import audit
from tests.accounting import hand
from tests.accounting.hand import A, B

BALANCE = hand.PACK.replace(
    'bind.water_retained = "given"',
    'bind.water_retained = "water-retention/balance"\n'
    + "".join(
        f'bind.{name} = "given"\n'
        for name in ("precipitation", "storm_runoff", "evapotranspiration", "area")
    ),
    1,
)
NEGATIVE = "method.negative-kept"


def water(region: str, rain: int) -> list[str]:
    """Return the readings of 2 hm2 of forest: so much rain, 100 mm run off, 500 evaporate."""
    figures = ("precipitation", rain, "mm"), ("storm_runoff", 100, "mm"), ("area", 2, "hm2")
    return [
        f"{region},forest,2020,{name},{value},{unit},measured,x"
        for name, value, unit in (*figures, ("evapotranspiration", 500, "mm"))
    ]


def test_a_reading_that_one_place_lacks_is_told(tmp_path: Path) -> None:
    """B has everything but what evaporates: no estimate, and the check says of which quantity."""
    readings = [x for x in hand.READINGS if "water" not in x]
    own = (*readings, *water(A, 1000), *water(B, 900)[:3])
    hand.write(tmp_path, own, pack=BALANCE)
    (found,) = findings.of(tmp_path).findings

    assert (found.code, found.field, audit.is_doubt(found)) == (
        "run.not-read-here", "evapotranspiration", True,
    )  # fmt: skip
    assert found.facts == {"service": "water", "places": [f"{B}/forest/2020"], "in_all": 1}
    said = f"{B},forest,2020,evapotranspiration,,mm,not estimated,x"
    hand.write(tmp_path, (*own, said), pack=BALANCE)
    assert findings.of(tmp_path).findings == ()


def test_a_doubt_about_an_account_says_of_which_region_and_year() -> None:
    """The turbine flow of Garzê: in a county of many townships nobody would find it otherwise."""
    found = case.read(Path(__file__).parents[2] / "examples" / "garze-2010")
    doubts = audit.of_account(run.run(found, found.under()), found)

    assert doubts
    assert {(each.facts["region"], each.facts["year"]) for each in doubts} == {("513300", "2010")}


def test_only_the_line_below_nought_says_that_it_was_kept(tmp_path: Path) -> None:
    """A keeps 400 mm on 2 hm2, 8000 m3; B loses 500 mm, 10000 m3, and says so."""
    readings = [x for x in hand.READINGS if "water" not in x]
    own = (*readings, *water(A, 1000), *water(B, 100))
    found = case.read(hand.write(tmp_path, own, pack=BALANCE))
    lines = {x.cell.region: x for x in run.run(found, found.under()).lines if x.service == "water"}
    steps = {
        region: explain.of(found, found.under(), f"{region}/forest/water/2020").steps[-1]
        for region in (A, B)
    }

    assert (lines[A].quantity, lines[B].quantity) == (8000, -10000)
    assert (NEGATIVE in lines[A].notes, NEGATIVE in lines[B].notes) == (False, True)
    assert (NEGATIVE in steps[A].notes, NEGATIVE in steps[B].notes) == (False, True)
