"""Streams of random numbers by name: the same name and seed give the same draws, always.

What two years, two packs or two runs share is drawn alike because it is named alike, whatever
else is drawn beside it.
"""

import hashlib

import numpy as np


def stream(seed: int, *name: str) -> np.random.Generator:
    """Return the generator of one name; independent of that of every other name."""
    digest = hashlib.blake2b("\x1f".join(name).encode(), digest_size=16).digest()
    words = [int.from_bytes(digest[at : at + 4], "little") for at in range(0, 16, 4)]
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, *words])))
