"""Compensation payments and energy budgets: agreement, readings, assessment, transfer."""

import datetime as dt
from decimal import Decimal

from accounting.recognition import recognise
from api.demo.example import Example
from api.demo.stage import Stage, agree
from ledger.compensation.assessment import Agreement, Assessment, assess
from ledger.compensation.formula import FORMULAS
from ledger.compensation.sheet import Reading, Step, Terms
from ledger.compensation.transfer import FORMS, Transfer
from ledger.core.account import AccountRef
from ledger.core.amount import CNY, Amount
from ledger.fiscal.energy_budget import Granted, budget, granting
from ledger.rights import instrument
from ledger.statements.statement import Label


def compensate(stage: Stage, example: Example) -> None:
    """Assess an agreement on its readings, book the transfers, tell every published step."""
    assessment = assess(_agreement(example), _recognised(example), stage.id(example, "evidence"))
    transfers = [
        _transfer(stage, example, assessment, number)
        for number in range(len(assessment.sheet.payments))
    ]
    drafts = FORMS[example.stated["transfer"]["form"]](transfers)
    stage.post(drafts, assessment.evidence)
    for step in assessment.sheet.steps:
        _tell_step(stage, example, step)
    for stated in example.stated.get("check", []):
        _tell_check(stage, example, stated)


def grant_energy_budget(stage: Stage, example: Example) -> None:
    """Compute an energy budget by the rules of its day and book it as a memo."""
    stated = example.stated["budget"]
    rules = instrument.find(stated["instrument"])
    made = budget(rules, Decimal(stated["base"]), stated["tier"], stated["grade"], example.on)
    commodity = next(each for each in example.chart.commodities if each.code == stated["commodity"])
    granted = Granted(
        stage.id(example, "grant"), example.on, made, commodity, example.title.zh,
        example.metadata(synthetic="true"),
    )  # fmt: skip
    draft = granting(
        granted,
        available=AccountRef(stated["available"], "memo"),
        contra=AccountRef(stated["contra"], "memo"),
    )
    agree(example, "budget", draft.postings[0].amount, stated["published"])
    stage.post([draft])
    rule = f"{stated['base']} × (1 − {made.cut} + {made.grade})"
    stage.tell(
        example, example.title, f"{draft.postings[0].amount} {commodity.unit}", rule, "",
        f"{stated['published']} tce",
    )  # fmt: skip


def _agreement(example: Example) -> Agreement:
    stated = example.stated["agreement"]
    source = example.stated["source"]["document"]
    return Agreement(stated["code"], stated["formula"], stated["terms"], stated["period"], source)


def _recognised(example: Example) -> tuple[Reading, ...]:
    """Let a GEP reading, which is an estimate, become money in the one place where it may."""
    return tuple(
        each._replace(value=str(recognise(float(each.value), CNY))) if each.code == "gep" else each
        for each in example.readings
    )


def _transfer(stage: Stage, example: Example, assessment: Assessment, number: int) -> Transfer:
    stated = example.stated["transfer"]
    payment = assessment.sheet.payments[number]
    days: list[dt.date] = stated.get("instalments_on", [])
    name = f"{payment.payer}>{payment.payee} {payment.instalment}".strip()
    return Transfer(
        namespace=stage.id(example, "transfer"),
        name=name,
        on=days[number] if days else example.on,
        payment=payment,
        narrative=f"{example.title.zh} {name}",
        reference=stated["reference"],
        metadata=example.metadata(status=example.status, **assessment.metadata),
    )


def _tell_step(stage: Stage, example: Example, step: Step) -> None:
    published = example.stated.get("published", {})
    inferred = example.stated.get("inferred", {})
    if step.name not in published | inferred:
        return
    said = (published | inferred)[step.name]
    ours = Amount.exactly(step.value, CNY)
    agree(example, step.name, ours, said)
    stage.tell(
        example, Label(f"{example.title.zh}：{step.name}", f"{example.title.en}: {step.name}"),
        "", step.expression, str(ours), said if step.name in published else "not published",
    )  # fmt: skip


def _tell_check(stage: Stage, example: Example, stated: dict[str, str]) -> None:
    """Recompute from another published figure and say by how much it misses."""
    agreement = _agreement(example)
    base = recognise(float(stated["gep"]), CNY)
    reading = Reading("gep", str(base), "CNY", stated["en"])
    sheet = FORMULAS[agreement.formula](Terms(agreement.code, agreement.terms, {"gep": reading}))
    ours = next(each.value for each in sheet.steps if each.name == stated["against"])
    said = example.stated["published"][stated["against"]]
    missed = Decimal(ours) - Decimal(said)
    stage.tell(
        example, Label(stated["zh"], stated["en"]), "", f"misses by {missed:+f}", ours, said,
        status="checked",
    )  # fmt: skip
