"""Reports of errors to a Sentry server, where SENTRY_DSN names one: where it happened, never what was in it."""

from typing import Any

from chat_project.core.audit import origin

# Of a request only what says where the error is; never its address' query, its body, cookies or headers.
_KEPT_OF_REQUESTS = ("method",)


def report_errors(dsn: str, *, release: str) -> None:
    """Send errors to `dsn` from now on; without one, do nothing and load nothing."""
    if not dsn:
        return
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        release=release,
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=0,
        before_send=discreet,
    )


def discreet(event: Any, _hint: Any) -> Any:
    """Return a report without whatever a person wrote or sent; with the request's id, by which the log has the rest."""
    request = event.get("request", {})
    event["request"] = {key: request[key] for key in _KEPT_OF_REQUESTS if key in request}
    for key in ("breadcrumbs", "extra", "user", "server_name"):
        event.pop(key, None)
    event["tags"] = {"request_id": origin.get().request_id}
    for error in event.get("exception", {}).get("values", ()):
        # Messages of errors quote what was wrong: the values of a row, a text that could not be read.
        error.pop("value", None)
    if "logentry" in event:
        event["logentry"] = {"message": event["logentry"].get("message", "")}
    return event
