"""What the gateways raise when the other side fails or refuses."""


class GatewayFailure(Exception):
    """An outside service failed or refused. `reason` is a code for logs and audit, free of personal
    data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
