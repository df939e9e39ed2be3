"""The id of the request that is being answered, for whoever writes about it."""

from contextvars import ContextVar

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
