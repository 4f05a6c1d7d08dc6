"""Messages: does what we send arrive? Of whom and of what, and never what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.web.console.parts import Column, DataTable, Verdict
from adapters.web.console.query import Query
from bot.core.context import Context
from storage.delivery import history, queues
from storage.delivery.deliveries import DeliveryState
from storage.remembered import remembered

MOST = 50
SHOWN = (DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class DeliveriesPage:
    tables: Sequence[DataTable]


def view(context: Context, _query: Query) -> DeliveriesPage:
    return DeliveriesPage([_queues(context), _troubled(context)])


def _queues(context: Context) -> DataTable:
    words = context.words
    columns = [
        Column(words.t("Workspace")),
        Column(words.t("Waiting"), is_number=True),
        Column(words.t("On its way"), is_number=True, is_secondary=True),
        Column(words.t("Sent"), is_number=True),
        Column(words.t("Failed"), is_number=True),
        Column(words.t("Not sure if it arrived"), is_number=True, is_secondary=True),
        Column(words.t("Delayed by"), is_number=True, is_secondary=True),
    ]
    rows = [
        (
            queue.workspace,
            *(words.number(queue.states.get(state, 0)) for state in SHOWN),
            words.t("{count} s", count=words.number(round(queue.lag))),
        )
        for queue in remembered(
            context.session, ("queues",), lambda session: queues.of_workspaces(session, now=context.now)
        )
    ]
    return DataTable(words.t("Sending"), columns, rows, words.t("Nothing has been sent yet."))


def _troubled(context: Context) -> DataTable:
    words = context.words
    columns = [
        Column(words.t("When")),
        Column(words.t("Workspace"), is_secondary=True),
        Column(words.t("Type")),
        Column(words.t("Status")),
        Column(words.t("Reason"), is_secondary=True),
    ]
    states = {
        DeliveryState.FAILED: Verdict(words.t("failed"), "bad", "warning"),
        DeliveryState.UNKNOWN: Verdict(words.t("not sure if it arrived"), "warn", "clock"),
    }
    rows = [
        (words.moment(row.changed_at), row.workspace_id, row.kind, states[DeliveryState(row.state)], row.reason or "–")
        for row in history.troubled(context.session, MOST)
    ]
    return DataTable(words.t("Messages that didn’t arrive"), columns, rows, words.t("Everything was delivered."))
