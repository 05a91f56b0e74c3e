"""What the gateways raise when the other side fails or refuses."""


class GatewayFailure(Exception):
    """Something outside did not do what it was asked for. `reason` is a code for logs and audit,
    free of personal data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
