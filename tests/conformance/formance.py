"""Formance's scenarios: volumes are debits and credits, a revert is a reversal, minutes are days.

Dates of effect are days in this ledger, so that a minute of a scenario is a day here.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from ledger.core.amount import QUANTA_MAX
from ledger.core.errors import DomainError
from ledger.core.refusals import FloorBroken
from tests.conformance.books import Books, culprit, stop
from tests.conformance.formance_entries import Entries, day
from tests.conformance.formance_reading import Reading
from tests.conformance.scenario import Check, Fields

BEYOND = "amounts beyond 64 bits: this ledger refuses them"
MINUTE_US = 60_000_000
CODES = {
    "ledger.floor": "INSUFFICIENT_FUND",
    "ledger.already-reversed": "ALREADY_REVERT",
    "ledger.unknown-transaction": "NOT_FOUND",
}
VALIDATION, CONFLICT, NO_POSTINGS = "VALIDATION", "CONFLICT", "NO_POSTINGS"
WIRE = "limits of a request of the peer's"
WRITES = (
    "create_transaction", "revert_transaction", "set_transaction_metadata",
    "delete_transaction_metadata", "set_account_metadata", "delete_account_metadata",
)  # fmt: skip


class Formance:
    """The adapter of Formance's scenarios."""

    START_US = 1_735_689_600_000_000

    def not_applicable(self, scenario: Fields) -> str:
        """Name what this ledger's amounts cannot express."""
        return BEYOND if any(abs(each) > QUANTA_MAX for each in _amounts(scenario)) else ""

    def play(self, scenario: Fields, books: Books) -> Iterator[Check]:
        """Take every step in order, then compare the volumes."""
        session = Session(books)
        for number, step in _by_insertion(scenario["steps"]):
            yield from session.step(step, f"step {number + 1} {step['op']}")
        if "final_volumes" in scenario:
            expected = _moved_only(scenario["final_volumes"])
            yield Check("final volumes", expected, session.reading.volumes())


class Session:
    """One scenario on one book."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.entries = Entries(books)
        self.reading = Reading(books)

    def step(self, step: Fields, at: str) -> Iterator[Check]:
        """Answer one step, and all that it says of the state after it."""
        op, fields = step["op"], step.get("fields", {})
        if op == "bulk":
            yield from self._bulk(step, at)
        elif op in WRITES:
            self._clock(fields)
            status = self._written(op, fields)
            if "expected" in step:
                yield Check(at, step["expected"], status)
            yield from self._after(step, at)
        elif op == "insert_move":
            yield from self._moved(step, at)
        else:
            found = getattr(self.reading, op)(fields)
            expected = step["expected"]
            yield Check(at, expected, _alike(found, expected))

    def _clock(self, fields: Fields) -> None:
        """Bring the clock to the time of insertion, where one is stated; it never goes back."""
        for name in ("inserted_at", "insertion", "inserted"):
            if fields.get(name) is not None:
                at = self.entries.start_us + int(fields[name] * MINUTE_US)
                self.books.now_us = max(self.books.now_us, at)

    def _written(self, op: str, fields: Fields) -> str:
        """Write one change alone; the ledger refuses it whole, and burns no id for it."""
        try:
            with self.entries.forced(op, fields):
                error = self._refusal(op, fields)
        except DomainError as raised:
            error = raised
        if error is None and not fields.get("dry_run"):
            self.entries.kept()
        self.entries.dropped()
        return "ok" if error is None else self._status(error)

    def _refusal(self, op: str, fields: Fields) -> DomainError | None:
        """Send a change; each source must have its funds when its own line comes."""
        items = getattr(self.entries, op)(fields)
        if op == "create_transaction":
            refused = self.books.rehearse(*self.entries.one_by_one(fields))
            if refused is not None and isinstance(refused[1], FloorBroken):
                return refused[1]
        if fields.get("dry_run"):
            refused = self.books.rehearse(*items)
            return None if refused is None else refused[1]
        outcomes = self.books.say_together(*items)
        fell = any(each.error is not None for each in outcomes)
        return culprit(outcomes)[1] if fell else None

    def _status(self, error: DomainError) -> str:
        """Say a refusal of the ledger's in the peer's words."""
        if error.code == "ledger.malformed" and error.facts()["at"] == "postings":
            return NO_POSTINGS
        if error.code == "ledger.id-conflict":
            claimed = error.facts()["id"] in {str(each) for each in self.entries.references}
            return CONFLICT if claimed else VALIDATION
        return CODES.get(error.code, VALIDATION)

    def _bulk(self, step: Fields, at: str) -> Iterator[Check]:
        fields, elements = step["fields"], step["fields"]["elements"]
        if fields.get("force"):
            elements = [{**each, "fields": {**each["fields"], "force": True}} for each in elements]
        if fields.get("atomic") and fields.get("parallel"):
            yield Check(at, step["expected"], VALIDATION, WIRE)
        elif len(elements) > fields.get("max_size", len(elements)):
            yield Check(at, step["expected"], "BULK_SIZE_EXCEEDED", WIRE)
        elif fields.get("atomic"):
            yield from self._all_or_none(elements, step["expected"], at)
        else:
            yield from self._in_turn(step, elements, at)

    def _in_turn(self, step: Fields, elements: Sequence[Fields], at: str) -> Iterator[Check]:
        """Send the elements one after the other, up to the first that fails."""
        failed, going_on = False, step["fields"].get("continue_on_failure", False)
        for number, each in enumerate(elements, 1):
            if failed and not going_on:
                break
            status = self._written(each["op"], each["fields"])
            failed = failed or status != "ok"
            if "expected" in each:
                yield Check(f"{at} {number}", each["expected"], status)
            yield from self._after(each, f"{at} {number}")
        yield Check(at, step["expected"], "error_reported" if failed else "ok")

    def _all_or_none(self, elements: Sequence[Fields], expected: str, at: str) -> Iterator[Check]:
        """Send all elements as one command."""
        broken, error = self._together(elements)
        for number, each in enumerate(elements):
            if "expected" in each and (error is None or number == broken):
                status = "ok" if error is None else self._status(error)
                yield Check(f"{at} {number + 1}", each["expected"], status)
        if error is None:
            for number, (each, made) in enumerate(zip(elements, self.entries.kept(), strict=True)):
                yield from self._after(each, f"{at} {number + 1}", made)
        self.entries.dropped()
        yield Check(at, expected, "ok" if error is None else "error_reported")

    def _together(self, elements: Sequence[Fields]) -> tuple[int, DomainError | None]:
        """Return which element failed, and why; no reason where all stand."""
        said, owners = [], []
        unsaid: tuple[int, DomainError | None] = 0, None
        for number, each in enumerate(elements):
            try:
                items = self.entries.unfloored(each["op"], each["fields"])
            except DomainError as raised:
                unsaid = number, raised
                break
            said += items
            owners += [number] * len(items)
        outcomes = self.books.say_together(*said, *([stop()] if unsaid[1] else []))
        if all(each.error is None for each in outcomes):
            return unsaid
        first, error = culprit(outcomes)
        return (owners[first], error) if first < len(owners) else unsaid

    def _moved(self, step: Fields, at: str) -> Iterator[Check]:
        fields = step["fields"]
        self.books.must(*self.entries.insert_move(fields))
        self.entries.kept()
        for name, until in (
            ("expected_post_commit_effective_volumes", day(fields["effective_at"])),
            ("expected_post_commit_volumes", None),
        ):  # fmt: skip
            if name in step:
                found = self.reading.volumes_of(fields["account"], fields["asset"], until)
                yield Check(at, step[name], found)

    def _after(self, step: Fields, at: str, made: UUID | None = None) -> Iterator[Check]:
        """Compare what a step says of the transaction that it made."""
        made = made or self.entries.latest
        for name, expected in step.items():
            if not name.startswith("expected_") or made is None:
                continue
            what = name.removeprefix("expected_")
            yield Check(f"{at} {what}", expected, _alike(self._said_of(made, what), expected))

    def _said_of(self, made: UUID, what: str) -> object:
        told = self.reading.told(made)
        until = told["day"] if "effective" in what else None
        if what.endswith("volumes"):
            accounts = {each[end] for each in told["postings"] for end in ("source", "destination")}
            volumes = self.reading.volumes(until)
            return {name: volumes.get(name, {}) for name in sorted(accounts)}
        return told[what]


def _moved_only(volumes: Fields) -> dict[str, dict[str, list[int]]]:
    """Leave out where nothing ever moved."""
    moved = {name: {a: v for a, v in all_.items() if any(v)} for name, all_ in volumes.items()}
    return {name: all_ for name, all_ in moved.items() if all_}


def _alike(found: Any, expected: Any) -> Any:
    """Narrow what was found to what the scenario says anything about."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return {name: _alike(found[name], expected[name]) for name in expected if name in found}
    if isinstance(expected, list) and isinstance(found, list) and len(found) == len(expected):
        return [_alike(one, other) for one, other in zip(found, expected, strict=True)]
    return found


def _by_insertion(steps: Sequence[Fields]) -> Iterator[tuple[int, Fields]]:
    """Yield the steps; a run of transactions that state when they were inserted, in that order."""
    run: list[tuple[int, Fields]] = []
    for number, step in enumerate(steps):
        if step["op"] == "create_transaction" and "inserted_at" in step["fields"]:
            run.append((number, step))
            continue
        yield from sorted(run, key=lambda each: each[1]["fields"]["inserted_at"])
        run = []
        yield number, step
    yield from sorted(run, key=lambda each: each[1]["fields"]["inserted_at"])


def _amounts(part: object) -> Iterator[int]:
    if isinstance(part, dict):
        for name, each in part.items():
            if name == "amount" and isinstance(each, int):
                yield each
            yield from _amounts(each)
    elif isinstance(part, list):
        for each in part:
            yield from _amounts(each)
