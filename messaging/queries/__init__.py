from messaging.queries.links import LinkInvalid, hash_token, open_link
from messaging.queries.listing import (
    STATES,
    MessageFigures,
    MessageFilter,
    MessageLine,
    access_message,
    count_messages,
    describe_for,
    list_messages,
    list_messages_of,
)
from messaging.queries.messages import (
    ForeseenMessage,
    explain_message,
    foresee_messages,
    get_longest_wait,
)
from messaging.queries.routes import list_addresses, list_marketing_channels, list_pauses
from messaging.queries.templates import (
    TemplateGroup,
    TemplateLine,
    get_template,
    list_secret_names,
    list_templates,
)

__all__ = [
    "STATES",
    "ForeseenMessage",
    "LinkInvalid",
    "MessageFigures",
    "MessageFilter",
    "MessageLine",
    "TemplateGroup",
    "TemplateLine",
    "access_message",
    "count_messages",
    "describe_for",
    "explain_message",
    "foresee_messages",
    "get_longest_wait",
    "get_template",
    "hash_token",
    "list_addresses",
    "list_marketing_channels",
    "list_messages",
    "list_messages_of",
    "list_pauses",
    "list_secret_names",
    "list_templates",
    "open_link",
]
