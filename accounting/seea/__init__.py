"""Ecosystem accounts after SEEA EA: extent, condition, supply and use, assets, and the bridge."""
