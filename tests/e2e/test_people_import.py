"""An administrator brings people in from a file and sees in the audit log that they did, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Start
from tests.e2e.test_console import come_in
from tests.e2e.test_playground import open_demo
from tests.sizes import size

WORDS = {
    "en": {
        "import": "Import…",
        "file": "CSV or XLSX, up to 4 MB",
        "show": "Show what would change",
        "refused": "Refused lines",
        "change": "Change it",
        "done": "Done: 2 new",
        "log": "Audit log",
        "imported": "People imported",
    },
    "fi": {
        "import": "Tuo…",
        "file": "CSV tai XLSX, enintään 4 Mt",
        "show": "Näytä, mikä muuttuisi",
        "refused": "Hylätyt rivit",
        "change": "Tee muutokset",
        "done": "Valmis: 2 uutta",
        "log": "Tapahtumaloki",
        "imported": "Henkilöitä tuotu",
    },
}


@pytest.mark.parametrize("language", size(["fi"], list(WORDS)))
def test_people_come_from_a_file(start: Start, page: Page, tmp_path: Path, language: str) -> None:
    words = WORDS[language]
    file = tmp_path / "people.csv"
    file.write_text(
        "email;nimi;unit;role\nnew@koivu.example;Äiti Koivu;Sales > North;owner\nb@koivu.example;B;;\nx;;;\n"
    )
    url = open_demo(start, page, language)
    come_in(page, url, language)
    page.goto(f"{url}/console/people")
    page.get_by_role("link", name=words["import"]).click()
    page.get_by_label(words["file"]).set_input_files(file)
    page.get_by_role("button", name=words["show"]).click()
    expect(page.get_by_text(words["refused"], exact=True).first).to_be_visible()
    expect(page.get_by_text("Äiti Koivu")).to_be_visible()
    page.get_by_role("button", name=words["change"]).click()
    expect(page.get_by_text(words["done"]).first).to_be_visible()
    expect(page.get_by_text(words["refused"], exact=True).first).to_be_visible()  # what is still to be mended
    page.goto(f"{url}/console/audit")
    expect(page.get_by_role("heading", name=words["log"]).first).to_be_visible()
    expect(page.get_by_role("cell", name=words["imported"]).first).to_be_visible()
