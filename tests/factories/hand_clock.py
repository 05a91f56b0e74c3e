"""A clock of seconds, as `time.monotonic`, that a test sets by hand."""


class HandClock:
    """Says `now`, and stands still until that is changed."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now
