"""An agreement and its readings become an assessment that keeps every step and its evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from ledger.compensation.formula import FORMULAS
from ledger.compensation.sheet import Reading, Sheet, Terms
from ledger.core.command import Evidence
from ledger.core.errors import NotFound


@dataclass(eq=False)
class UnknownFormula(NotFound):
    """No scheme form has this name."""

    code = "compensation.unknown-formula"
    title = "No scheme form has this name"
    formula: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the parties agreed (条例 第十七条): form, terms, period, and where it is written."""

    code: str
    formula: str
    terms: Mapping[str, Any]
    period: str
    source: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """One period of an agreement assessed: the sheet, and the evidence it rests on."""

    agreement: Agreement
    sheet: Sheet
    evidence: tuple[Evidence, ...]

    @property
    def metadata(self) -> dict[str, str]:
        """What every transaction that rests on this assessment says."""
        return self.evidence[-1].metadata


def assess(
    agreement: Agreement,
    readings: Sequence[Reading],
    namespace: UUID,
    accounts: Sequence[Evidence] = (),
) -> Assessment:
    """Compute what is due; ``namespace`` makes the ids of the evidence.

    ``accounts`` are the published GEP accounts that the assessment cites.
    """
    if agreement.formula not in FORMULAS:
        raise UnknownFormula(agreement.formula)
    terms = Terms(agreement.code, agreement.terms, {each.code: each for each in readings})
    sheet = FORMULAS[agreement.formula](terms)
    agreed = _evidence(namespace, "agreement", agreement.code, {
        "formula": agreement.formula, "terms": dict(agreement.terms),
        "period": agreement.period, "source": agreement.source,
    })  # fmt: skip
    read = tuple(
        _evidence(namespace, "reading", f"{agreement.code}/{each.code}", each._asdict())
        for each in readings
    )
    assessed = Evidence(
        id=uuid5(namespace, f"assessment {agreement.code} {agreement.period}"),
        kind="assessment",
        code=f"{agreement.code}/{agreement.period}",
        content={"steps": [each._asdict() for each in sheet.steps], "payments": _paid(sheet)},
        rests_on=tuple(each.ref for each in (agreed, *accounts, *read)),
    )
    return Assessment(agreement, sheet, (agreed, *accounts, *read, assessed))


def _paid(sheet: Sheet) -> list[dict[str, str]]:
    return [
        {"payer": each.payer, "payee": each.payee, "amount": str(each.amount),
         "instalment": each.instalment}
        for each in sheet.payments
    ]  # fmt: skip


def _evidence(namespace: UUID, kind: str, code: str, content: Mapping[str, Any]) -> Evidence:
    return Evidence(uuid5(namespace, f"{kind} {code}"), kind, code, content)
