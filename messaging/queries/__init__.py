from messaging.queries.links import LinkInvalid, hash_token, open_link
from messaging.queries.messages import (
    ForeseenMessage,
    explain_message,
    foresee_messages,
    list_messages_of,
)
from messaging.queries.routes import get_template, list_addresses, list_marketing_channels

__all__ = [
    "ForeseenMessage",
    "LinkInvalid",
    "explain_message",
    "foresee_messages",
    "get_template",
    "hash_token",
    "list_addresses",
    "list_marketing_channels",
    "list_messages_of",
    "open_link",
]
