"""The demo organisation's own model: read and checked as any file is, its dates counted from today."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from bot.features.framework.domain import file, repository, rules
from storage.database import Session
from storage.framework.rewording import reword
from storage.people import employees

MODEL = Path(__file__).parent / "framework.yaml"
IN_FINNISH = {
    "As you would tell a customer at the kitchen table.": "Niin kuin kertoisit asiakkaalle keittiön pöydän ääressä.",
    "Homes that change their heating": "Kodit, jotka vaihtavat lämmitystapaa",
    "Half of last winter's enquiries came from there.": "Sieltä tuli puolet viime talven yhteydenotoista.",
    "Grid and service engineers": "Sähköverkon ja huollon insinöörit",
    "Nine of ten applicants of this year have a profile.": "Yhdeksällä kymmenestä tämän vuoden hakijasta on profiili.",
    "Engineers know us by our own people": "Insinöörit tuntevat meidät omien ihmistemme kautta",
    "Questions get answered on time": "Kysymyksiin vastataan ajoissa",
    "Tip from the field": "Vinkki kentältä",
    "Heat pump week": "Lämpöpumppuviikko",
    "Media monitoring": "Mediaseuranta",
}


def load(session: Session, *, now: datetime) -> None:
    """Apply it in the name of the comms lead."""
    read = file.read(text(now).encode())
    wrong, _remarks = rules.problems(read.model, repository.current_framework(session), now.date())
    if wrong:
        raise file.BadFile(read.mistakes(wrong))
    laura = employees.by_email(session, "laura@koivu.example")
    repository.apply(session, read.model, seen=None, by=laura, why="Autumn plan", now=now)


def speak(session: Session, language: str) -> None:
    """Say in `language` what the model says; what a visitor wrote stays as it is."""
    said = IN_FINNISH if language == "fi" else {finnish: english for english, finnish in IN_FINNISH.items()}
    reword(session, said)


def text(now: datetime) -> str:
    """The file with its days filled in."""
    monday = now.date() - timedelta(days=now.weekday())
    days = {
        "LAST_MONTH": monday - timedelta(weeks=4),
        "MONDAY": monday,
        "IN_A_MONTH": monday + timedelta(weeks=5),
        "IN_A_QUARTER": monday + timedelta(weeks=13),
    }
    written = MODEL.read_text(encoding="utf-8")
    for name, day in sorted(days.items(), key=lambda item: -len(item[0])):
        written = written.replace(name, day.isoformat())
    return written
