"""Sales of rights: issued and funded (synthetic), then delivered against payment."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from api.demo.example import Example
from api.demo.stage import SYNTHETIC, Stage, agree
from ledger.core.account import Entity
from ledger.core.amount import CNY, Amount, Commodity
from ledger.core.draft import Draft
from ledger.fiscal.treasury import Remittance, Treasury, remitting
from ledger.market.settlement import Deal, Lot, Price, depositing, settling
from ledger.rights import instrument
from ledger.statements.statement import Label


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
        _lived(stage, example, stated, number)


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
    metadata = example.metadata(**SYNTHETIC)
    for number, lot in enumerate(deal.lots):
        said = {
            "on": deal.on.isoformat(), "right": lot.right.commodity.code,
            "amount": str(lot.right), "narrative": "示例开账：发放",
        }  # fmt: skip
        rules = instrument.find(lot.right.commodity.instrument)
        for name in ("cap", "issue") if rules.allows("cap", deal.on) else ("issue",):
            stage.register(example, f"{name} {number}", {**said, "event": name})
        _, kind, named, *_ = lot.seller.code.split(":")
        to = {"event": "assign", "pool": named} if kind == "Pool" else {
            "event": "allocate", "pool": "Total", "holder": named,
        }  # fmt: skip
        stage.register(example, f"allocate {number}", {**said, **to})
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


def _lived(stage: Stage, example: Example, stated: dict[str, Any], number: int) -> None:
    texts = {name: stated[name] for name in stated if name not in {"synthetic", "zh", "en", "on"}}
    said = {**texts, "on": stated["on"].isoformat(), "narrative": stated["zh"]}
    stage.register(example, f"{stated['event']} {number}", said)
    stage.tell(
        example, Label(stated["zh"], stated["en"]), f"{stated['amount']} {stated['right']}",
        "", "", "", status="synthetic",
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
