"""Where a request came from, told by nobody but our own proxies."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from django.conf import settings


def client_address(meta: Mapping[str, Any]) -> str:
    """The nearest network address that is not one of APP_TRUSTED_PROXIES; empty where the server was not told any.

    Each proxy notes at the end of X-Forwarded-For who called it. What stands before the note of the first stranger
    is that stranger's own word, and is not believed.
    """
    nearest = str(meta.get("REMOTE_ADDR") or "")
    noted = [each.strip() for each in str(meta.get("HTTP_X_FORWARDED_FOR") or "").split(",")]
    while noted and _is_trusted(nearest) and _address(noted[-1]) is not None:
        nearest = noted.pop()
    return nearest


def household(address: str) -> str:
    """Whose an address is: of IPv6 the network of 64 bits, for whoever has one address of it has all."""
    host = _address(address)
    if host is None or host.version == 4:
        return address
    return str(ipaddress.ip_network(f"{host}/64", strict=False))


def _is_trusted(text: str) -> bool:
    address = _address(text)
    return address is not None and any(address in network for network in settings.TRUSTED_PROXIES)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
