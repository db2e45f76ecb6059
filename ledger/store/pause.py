"""A pause for the cycle collector while a batch is being made."""

import gc
import threading


class Pause:
    """Keeps the cycle collector from walking a batch again and again while it is being made.

    Nothing of a batch is in a cycle; what it makes is freed by its last reference.
    """

    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.depth = 0
        self.collected = True

    def __enter__(self) -> None:
        with self.mutex:
            if not self.depth:
                self.collected = gc.isenabled()
                gc.disable()
            self.depth += 1

    def __exit__(self, *_: object) -> None:
        with self.mutex:
            self.depth -= 1
            if not self.depth and self.collected:
                gc.enable()


PAUSE = Pause()
