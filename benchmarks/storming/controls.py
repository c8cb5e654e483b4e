"""Switches one of the sender's two mechanisms off in the sender that imports this.

`STORM_CONTROL` says which. The storm must find what that does, or it proves nothing:

- `mark-first` writes a message down as sent before it is handed over: a killed sender loses it;
- `no-look-up` takes it that the gateway never heard of a message whose sender was killed: what it
  had accepted goes twice.
"""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from unittest import mock

from messaging import sender
from messaging.gateways import Gateway, Letter, Outcome, SmscGateway
from messaging.models import Message, MessageStatus

hand_over = sender._call  # noqa: SLF001 — what a control replaces is the inside of the sender


def mark_and_call(
    gateway: Gateway, letters: Sequence[Letter], **_deadline: float
) -> Mapping[int, Outcome]:
    """Without a deadline: only a kill may lose a message, not the control's own clock."""
    claimed = Message.objects.filter(pk__in=[letter.id for letter in letters])
    claimed.update(status=MessageStatus.SENT, lease=None, leased_until=None)
    return hand_over(gateway, letters, deadline=math.inf)


def mark_first() -> None:
    mock.patch.object(sender, "_call", mark_and_call).start()


def no_look_up() -> None:
    mock.patch.object(SmscGateway, "list_statuses", return_value={}).start()


CONTROLS: dict[str, Callable[[], None]] = {"mark-first": mark_first, "no-look-up": no_look_up}
CONTROLS[os.environ["STORM_CONTROL"]]()
