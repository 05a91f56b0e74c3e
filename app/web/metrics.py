"""What is measured of the API, for Prometheus. Each application has a registry of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import QueuePool

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
#: What a client calls a method is his to say, and each label is kept for good.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: The media type of Prometheus' text format.
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Requests by route and status, how long they took, how many run, how busy the pool is."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "skranke_http_requests_total",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "skranke_http_request_seconds",
            "How long requests took.",
            ["method", "route"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._running = Gauge(
            "skranke_http_requests_in_progress", "Requests running.", registry=self.registry
        )
        self._connections = Gauge(
            "skranke_database_connections_in_use",
            "Connections taken from the pool.",
            registry=self.registry,
        )

    @contextmanager
    def in_progress(self) -> Iterator[None]:
        """Count a request as running for the block."""
        with self._running.track_inprogress():
            yield

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        name = method if method in _METHODS else "other"
        self._requests.labels(name, route, status).inc()
        self._seconds.labels(name, route).observe(seconds)

    def watch(self, pool: object) -> None:
        """Report how busy a connection pool is."""
        if isinstance(pool, QueuePool):
            self._connections.set_function(pool.checkedout)

    def exposed(self) -> bytes:
        """Everything measured, in Prometheus' text format."""
        return generate_latest(self.registry)
