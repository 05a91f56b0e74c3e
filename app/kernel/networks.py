"""The network of a request, as coarsely as it is stored for good."""

import ipaddress

_KEPT = {4: 24, 6: 48}


def neighbourhood(network: str) -> str:
    """The wider network an address or network lies in: an IPv4 /24, an IPv6 /48. It tells home
    from abroad and names nobody; `unknown` stays so."""
    try:
        ip = ipaddress.ip_network(network, strict=False)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((ip.network_address, _KEPT[ip.version]), strict=False))
