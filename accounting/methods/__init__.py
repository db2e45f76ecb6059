"""The methods there are: one file each, listed once; a pack names them by code."""

from accounting.method import Method
from accounting.methods import priced, priced_area, stated_value

METHODS: tuple[Method, ...] = (priced.METHOD, priced_area.METHOD, stated_value.METHOD)
