"""How the embedded server is set."""

_SETTINGS = {
    "listen_addresses": "",  # the socket only
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "jit": "off",  # short statements only: compiling costs more than it gives
    "random_page_cost": "1.1",
    # Its log must not hold what people wrote: no statements, no row that broke a constraint.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_WITHOUT_FSYNC = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def parameters(*, fsync: bool) -> dict[str, str]:
    """PostgreSQL's settings; without `fsync` a crash of the machine may lose everything."""
    return _SETTINGS | ({} if fsync else _WITHOUT_FSYNC)
