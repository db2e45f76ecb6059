"""Bands and what they come from, as statements; floats become decimals here."""

from collections.abc import Iterable, Iterator

from accounting import figures
from accounting.account import Account
from accounting.case import Case
from accounting.pack import GEP, GEP_NAME, Pack
from accounting.tables import CNY_UNIT, DECIMALS, SERVICE, left_out_by_year
from accounting.totals import yi
from accounting.uncertainty import band, distribution
from accounting.uncertainty.band import Band, Uncertainty
from accounting.uncertainty.contribution import Contribution, assumed_share
from accounting.uncertainty.ranges import MethodRange, over_packs, under_packs
from accounting.uncertainty.simulation import simulate
from accounting.uncertainty.term import terms
from ledger.statements.statement import Cell, Column, Label, Row, Statement

PERCENT_DECIMALS = 1
FIGURES = (
    Column("estimate", Label("估算值", "Estimate"), CNY_UNIT, DECIMALS, "right"),
    Column("mean", Label("均值", "Mean"), CNY_UNIT, DECIMALS, "right"),
    Column("p5", Label("P5", "P5"), CNY_UNIT, DECIMALS, "right"),
    Column("p50", Label("P50", "P50"), CNY_UNIT, DECIMALS, "right"),
    Column("p95", Label("P95", "P95"), CNY_UNIT, DECIMALS, "right"),
)
LARGER = Label("变化大于噪声", "the change is larger than noise")
WITHIN = Label("变化在噪声之内", "the change is within noise")


def statements_of(
    case: Case, account: Account, draws: int, seed: int, others: Iterable[Pack] | None = None
) -> dict[str, Statement]:
    """Draw a case up to the account's year and return its bands and their sources, by file name.

    Where other packs (all there are, unless said) can value the case, their range stands beside.
    Refuses fewer than ten thousand draws.
    """
    years = [year for year in case.years if year <= account.year]
    shapes = distribution.load()
    drawn = simulate(terms(case, account.pack, shapes, years), draws, seed)
    found = band.of(drawn, shapes.id)
    said = {"uncertainty": bands(account, found), "variance": sources(account, found)}
    accounts = under_packs(case, account.year, account.pack, others)
    return said | ({"range": ranges(over_packs(accounts))} if len(accounts) > 1 else {})


def bands(account: Account, found: Uncertainty) -> Statement:
    """Return the band of every service of a year, of GEP, and of the changes up to that year."""
    services = {line.service: line.name for line in account.lines}
    estimated = {line.service for line in account.lines if line.value_cny is not None}
    drawn = {each: found.services.get((each, account.year)) for each in estimated}
    rows = tuple(
        (service, name.zh, name.en, *_figures(drawn.get(service)))
        for service, name in services.items()
    )
    gaps = left_out_by_year([account])
    return Statement(
        Label(f"{account.title.zh}：不确定性", f"{account.title.en}: uncertainty"),
        (*SERVICE, *FIGURES), rows, tuple(_totals(account.year, found)),
        (*_notes(found), *gaps),
    )  # fmt: skip


def _totals(year: int, found: Uncertainty) -> Iterator[Row]:
    yield (GEP, GEP_NAME.zh, GEP_NAME.en, *_figures(found.gep.get(year)))
    for (first, last), change in found.changes.items():
        if last <= year:
            said = LARGER if change.larger_than_noise else WITHIN
            span = f"{first}-{last}"
            yield (span, f"{span}：{said.zh}", f"{span}: {said.en}", *_figures(change))


def _notes(found: Uncertainty) -> tuple[Label, ...]:
    zh = f"{found.draws}次抽样，种子{found.seed}，分布“{found.distributions}”；P5至P95含九成抽样。"
    en = (
        f"{found.draws} draws, seed {found.seed}, distributions {found.distributions};"
        " nine draws in ten lie between P5 and P95."
    )
    method = Label(
        "方法选择不在抽样之内，另以各方法包之间的范围列示。",
        "The choice of method is not in the draws: it is shown as a range over packs.",
    )
    return (Label(zh, en), method)


def sources(account: Account, found: Uncertainty) -> Statement:
    """Return what the variance of a year's GEP comes from, and how much of it is assumed."""
    shares = found.gep_from.get(account.year, ())
    columns = (
        Column("input", Label("输入", "Input")),
        Column("name_zh", Label("名称", "Name (Chinese)")),
        Column("name_en", Label("英文名称", "Name")),
        Column("share", Label("方差份额", "Share of variance"), "%", PERCENT_DECIMALS, "right"),
        Column("rests_on", Label("分布依据", "Distribution rests on")),
    )
    rest = 1 - sum(each.share for each in shares if each.shown)
    assumed = _percent(assumed_share(shares))
    return Statement(
        Label(f"{account.title.zh}：方差来源", f"{account.title.en}: sources of variance"),
        columns,
        tuple(_share(each) for each in shares if each.shown),
        (("", "其余各项", "all others", _percent(rest), ""),),
        (Label(f"方差的{assumed}%基于假定的分布。",
               f"{assumed} % of the variance rests on assumed distributions."),),
    )  # fmt: skip


def ranges(found: tuple[MethodRange, ...]) -> Statement:
    """Return what each service comes to under every pack, and how far the packs lie apart."""
    packs = tuple(found[0].values) if found else ()
    columns = (
        *SERVICE,
        *(Column(each, Label(each, each), CNY_UNIT, DECIMALS, "right") for each in packs),
        Column("lowest", Label("最低", "Lowest"), CNY_UNIT, DECIMALS, "right"),
        Column("highest", Label("最高", "Highest"), CNY_UNIT, DECIMALS, "right"),
    )
    rows = tuple(
        (each.service, each.name.zh, each.name.en, *(yi(v) for v in each.values.values()),
         yi(each.lowest), yi(each.highest))
        for each in found
    )  # fmt: skip
    return Statement(Label("方法选择的范围", "Range over packs"), columns, rows)


def _share(each: Contribution) -> Row:
    return (
        each.input,
        each.label.zh,
        each.label.en,
        _percent(each.share),
        ", ".join(sorted(each.tags)),
    )


def _figures(of: Band | None) -> Row:
    """Write a band; of what was not estimated, nothing: it is not 0."""
    if of is None:
        return (None,) * len(FIGURES)
    return tuple(yi(each) for each in (of.estimate, of.mean, of.p5, of.p50, of.p95))


def _percent(share: float) -> Cell:
    return figures.rounded(share, PERCENT_DECIMALS, 2)
