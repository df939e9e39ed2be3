"""How many requests there are, how long they take and how they end: a line in the log and a figure for each.

The figures of all workers are added up from small files in `PROMETHEUS_MULTIPROC_DIR`, which the service's start must
find empty (deploy/systemd does that); without it each process knows its own.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import REGISTRY, CollectorRegistry, Histogram, multiprocess

access = logging.getLogger("access")
METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
NO_ROUTE = "none"
SECONDS = Histogram(
    "donations_request_seconds",
    "Seconds until a request was answered.",
    ["method", "route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class Observer:
    """Outermost, so that what others refuse is counted too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = self.get_response(request)
        _note(request, response, time.perf_counter() - begun)
        return response


def _note(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    match = request.resolver_match
    # Words of our own only: anybody may send any method and any address.
    method = request.method if request.method in METHODS else "other"
    route, status = match.route if match else NO_ROUTE, response.status_code
    SECONDS.labels(method, route, status).observe(seconds)
    access.info(
        "request",
        extra={
            "method": method,
            "route": route,
            "status": status,
            "milliseconds": round(seconds * 1000, 1),
            "request_id": response.get("X-Request-Id"),
        },
    )


def registry_of_all_workers() -> CollectorRegistry:
    """What every worker has counted; alone, this process's own."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    return registry
