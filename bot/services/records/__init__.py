"""What the use cases hand to the memory and get back from it: frozen values."""

from bot.services.records.clocks import (
    Damaged,
    DeskClock,
    DeskTimer,
    DueReminder,
    DueTimer,
    OpenedOrder,
    Outage,
    Reminded,
    Reminder,
)
from bot.services.records.messages import How, OutboxRow, Outcome, Outgoing, Received, Taken
from bot.services.records.people import Account, DraftKind, DraftRow, Invitation, Seller, Template
from bot.services.records.returns import Archive, Content, HistoryLine, Letter, Rating, Room
from bot.services.records.shown import (
    File,
    Likeness,
    Picture,
    Pictured,
    Sighting,
    Spot,
    SpotKind,
    Twin,
    Unseen,
    sighting_in,
)
from bot.services.records.staff import InForce, Only, OrderFile, Page, Search, Trial

__all__ = [
    "Account", "Archive", "Content", "Damaged", "DeskClock", "DeskTimer", "DraftKind", "DraftRow",
    "DueReminder", "DueTimer", "File", "HistoryLine", "How", "InForce", "Invitation", "Letter",
    "Likeness", "Only", "OpenedOrder", "OrderFile", "Outage", "OutboxRow", "Outcome", "Outgoing",
    "Page", "Picture", "Pictured", "Rating", "Received", "Reminded", "Reminder", "Room",
    "Search", "Seller", "Sighting", "Spot", "SpotKind", "Taken", "Template", "Trial", "Twin",
    "Unseen", "sighting_in",
]  # fmt: skip
