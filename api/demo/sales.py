"""Sales of rights: issued and funded (synthetic), then delivered against payment."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from api.demo.example import Example
from api.demo.stage import Stage, agree
from ledger.core.account import AccountRef, Entity
from ledger.core.amount import CNY, Amount, Commodity
from ledger.core.draft import Draft
from ledger.fiscal.treasury import Remittance, Treasury, remitting
from ledger.market.settlement import Deal, Lot, Price, depositing, settling
from ledger.rights import instrument, registry
from ledger.rights.registry import Event
from ledger.statements.statement import Label

SYNTHETIC = {"synthetic": "true"}


def play(stage: Stage, example: Example) -> None:
    """Book a sale with what comes before and after it, and tell every figure."""
    lots = [_lot(example, stated) for stated in example.stated["lot"]]
    deal = _deal(stage, example, tuple(lots))
    stage.post(_openings(stage, example, deal))
    stage.post([settling(deal)])
    for stated, lot in zip(example.stated["lot"], lots, strict=True):
        _tell_lot(stage, example, stated, lot)
    _tell_total(stage, example, lots)
    stage.post(_remitted(stage, example, lots))
    for number, stated in enumerate(example.stated.get("life", [])):
        stage.post([_lived(stage, example, stated, number)])


def _commodity(example: Example, code: str) -> Commodity:
    return next(each for each in example.chart.commodities if each.code == code)


def _registry(example: Example) -> Entity:
    return Entity(example.stated["deal"]["registry"], "registry")


def _clearing(example: Example) -> Entity:
    return Entity(example.stated["deal"]["clearing"], "clearing")


def _lot(example: Example, stated: dict[str, str]) -> Lot:
    commodity = _commodity(example, stated["commodity"])
    rules = instrument.find(commodity.instrument)
    right = Amount.exactly(stated["quantity"], commodity)
    rules.check_lot(right, example.on)
    held, cash = _registry(example), _clearing(example)
    return Lot(
        right=right,
        consideration=_consideration(example, stated, right),
        seller=held(stated["seller"]),
        buyer=held(stated["buyer"]),
        payer=cash(stated["payer"]),
        payee=cash(stated["payee"]),
    )


def _consideration(example: Example, stated: dict[str, str], right: Amount) -> Amount:
    if "amount" in stated:
        return Amount.exactly(stated["amount"], CNY)
    agreed = example.stated["deal"]
    value = Decimal(stated["price"])
    rules = instrument.find(right.commodity.instrument)
    rules.check_tick(value, example.on)
    if "initial_fee" in agreed:
        fee = rules.rule(f"initial-fee.{agreed['initial_fee']}", example.on)
        agree(example, "initial fee", Amount.exactly(value, CNY), fee.value)
    return Price(value, agreed["basis"], agreed.get("years")).consideration(right)


def _deal(stage: Stage, example: Example, lots: tuple[Lot, ...]) -> Deal:
    agreed = example.stated["deal"]
    term = {"term": agreed["term"]} if "term" in agreed else {}
    return Deal(
        id=stage.id(example, "settle"),
        on=example.on,
        lots=lots,
        narrative=example.title.zh,
        reference=agreed["reference"],
        metadata=example.metadata(price_basis=agreed["basis"], status=example.status, **term),
    )


def _openings(stage: Stage, example: Example, deal: Deal) -> Iterator[Draft]:
    """Issue what is sold to its seller and fund its buyers: invented, and marked so."""
    held = _registry(example)
    metadata = example.metadata(**SYNTHETIC)
    for number, lot in enumerate(deal.lots):
        rules = instrument.find(lot.right.commodity.instrument)
        event = Event(
            stage.id(example, f"issue {number}"), deal.on, rules, lot.right,
            "示例开账：发放", metadata=metadata,
        )  # fmt: skip
        pool = held("Pool:Total")
        yield registry.issuing(event, pool=pool, issued=held("Issued"))
        moved = replace(event, id=stage.id(example, f"allocate {number}"))
        yield registry.allocating(moved, holding=lot.seller, pool=pool)
    funding = replace(
        deal, id=stage.id(example, "deposit"), narrative="示例开账：入金", metadata=metadata
    )
    yield depositing(funding, bank=_clearing(example)("Bank:Settlement"))


def _remitted(stage: Stage, example: Example, lots: list[Lot]) -> Iterator[Draft]:
    stated = example.stated.get("remit")
    if stated is not None:
        cash = _clearing(example)
        remittance = Remittance(
            stage.id(example, "remit"), stated["on"], _sum(lots), f"{example.title.zh}：缴库",
            metadata=example.metadata(**SYNTHETIC),
        )  # fmt: skip
        yield remitting(
            remittance,
            due=cash("Due:Treasury"),
            bank=cash("Bank:Settlement"),
            treasury=Treasury(stated["treasury"]),
        )


def _lived(stage: Stage, example: Example, stated: dict[str, Any], number: int) -> Draft:
    commodity = _commodity(example, stated["commodity"])
    amount = Amount.exactly(stated["quantity"], commodity)
    held = _registry(example)
    event = Event(
        stage.id(example, f"{stated['event']} {number}"), stated["on"],
        instrument.find(commodity.instrument), amount, stated["zh"],
        metadata=example.metadata(**SYNTHETIC),
    )  # fmt: skip
    source, to = held(stated["source"]), held(stated["to"])
    stage.tell(
        example, Label(stated["zh"], stated["en"]), f"{amount} {commodity.code}", "", "", "",
        status="synthetic",
    )  # fmt: skip
    return _verb(event, stated, source, to)


def _verb(event: Event, stated: dict[str, Any], source: AccountRef, to: AccountRef) -> Draft:
    match stated["event"]:
        case "roll":
            return registry.rolling(event, free=to, bought_today=source)
        case "surrender":
            return registry.surrendering(event, sink=to, holding=source)
        case _:
            return registry.cancelling(
                event, sink=to, holding=source,
                beneficiary=stated["beneficiary"], reason=stated["reason"],
            )  # fmt: skip


def _sum(lots: list[Lot]) -> Amount:
    total = Amount(0, CNY)
    for lot in lots:
        total += lot.consideration
    return total


def _tell_lot(stage: Stage, example: Example, stated: dict[str, str], lot: Lot) -> None:
    commodity = lot.right.commodity
    if "published" in stated:
        agree(example, commodity.code, lot.consideration, stated["published"])
    stage.tell(
        example, example.title, f"{lot.right} {commodity.unit} {commodity.code}",
        stated.get("price", ""), str(lot.consideration), stated.get("published", "not published"),
    )  # fmt: skip


def _tell_total(stage: Stage, example: Example, lots: list[Lot]) -> None:
    if "total" in example.stated:
        stated = example.stated["total"]
        total = _sum(lots)
        agree(example, "total", total, stated["published"])
        stage.tell(
            example, Label("合计", "total"), "", "", str(total), stated["published"],
            status=stated["status"],
        )  # fmt: skip
