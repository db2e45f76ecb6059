"""A book (账套): the unit of order, of proof and of distribution."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ledger.core.refusals import Malformed

TIME_ZONE = "Asia/Shanghai"
DUAL = "dual"
COMMAND_LINE = "command-line"
ALLOWED = "allowed"
VOUCHER = "voucher"


@dataclass(frozen=True)
class Book:
    """An ordered, sealed set of accounts; its time zone cuts its days.

    ``policy`` holds strings: ``dual`` lists the kinds of transaction that need a second person
    (space-separated), ``command-line`` = ``allowed`` lets the system's user act without a key,
    ``voucher`` names the type (``记``) of the numbered vouchers of fiscal transactions.
    """

    id: int
    code: str
    uuid: UUID
    time_zone: str = TIME_ZONE
    policy: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, IsADirectoryError) as error:
            raise Malformed("time_zone", f"{self.time_zone!r} is no time zone") from error

    def day_of(self, instant_us: int) -> dt.date:
        """Return the day of this book in which an instant (UTC, microseconds) falls."""
        seconds, micros = divmod(instant_us, 1_000_000)
        instant = dt.datetime.fromtimestamp(seconds, dt.UTC).replace(microsecond=micros)
        return instant.astimezone(ZoneInfo(self.time_zone)).date()

    @cached_property
    def dual_kinds(self) -> frozenset[str]:
        """The kinds of transaction that are prepared by one person and approved by another."""
        return frozenset(self.policy.get(DUAL, "").split())

    @property
    def command_line_allowed(self) -> bool:
        """Whether the command line may act without a key, as the system's user."""
        return self.policy.get(COMMAND_LINE) == ALLOWED

    @cached_property
    def voucher_type(self) -> str | None:
        """The type of the numbered vouchers of fiscal transactions; none where not numbered."""
        return self.policy.get(VOUCHER)
