"""From which version on Chorus works with the schema as it stands; written by migrations (docs/upgrading.md)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class SchemaCompatibility(Base):
    """One row: the oldest revision whose code works with these tables."""

    __tablename__ = "schema_compatibility"

    works_from: Mapped[str] = mapped_column(primary_key=True)
