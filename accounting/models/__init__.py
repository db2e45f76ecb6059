"""The models there are, one file each: formulas that feed the methods of the services."""

from accounting import shelf
from accounting.method import Method

MODELS: tuple[Method, ...] = shelf.every(__path__, __name__)
