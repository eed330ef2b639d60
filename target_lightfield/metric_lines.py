"""The SDK's metrics in a structured log: whoever shows only its messages sees which stream they are of.

Meltano shows of a metric ``METRIC`` and its value, of each stream alike. In a plain log the line stays as it
is, since programs look for it.
"""

from __future__ import annotations

import logging

from singer_sdk.logging import StructuredFormatter
from singer_sdk.metrics import Point, get_metrics_logger


def name_streams() -> None:
    """Let the metrics' messages name their stream from now on."""
    get_metrics_logger().addFilter(_named)


def _named(record: logging.LogRecord) -> bool:
    points = [part for part in record.args or () if isinstance(part, Point)]
    if points and "stream" in points[0].tags and _is_structured():
        # Where the SDK puts it of a metric that it knows by its message: there programs find it.
        record.metric_info = points[0].to_dict()
        record.msg, record.args = f"METRIC of stream '{points[0].tags['stream']}'", ()
    return True


def _is_structured() -> bool:
    handlers = logging.getLogger().handlers
    return any(isinstance(handler.formatter, StructuredFormatter) for handler in handlers)
