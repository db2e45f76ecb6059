"""The methods there are, one file each, and the models; a pack names them by code."""

from collections.abc import Mapping

from accounting import shelf
from accounting.method import Method
from accounting.models import MODELS

METHODS: tuple[Method, ...] = (*shelf.every(__path__, __name__), *MODELS)
CATALOGUE: Mapping[str, Method] = {method.code: method for method in METHODS}
