"""One text in the two languages of the product."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """One text in the two languages of the product."""

    zh: str
    en: str

    def in_(self, locale: str) -> str:
        """Return the text for a locale such as ``zh-CN`` or ``en``."""
        return self.zh if locale.startswith("zh") else self.en
