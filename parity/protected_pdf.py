"""Writes fixtures/documents/protected.pdf: one page behind a password (needs pikepdf)."""

from pathlib import Path

import pikepdf

folder = Path(__file__).parent / "fixtures" / "documents"
folder.mkdir(parents=True, exist_ok=True)
pdf = pikepdf.new()
pdf.add_blank_page(page_size=(200, 100))
pdf.save(folder / "protected.pdf", encryption=pikepdf.Encryption(owner="owner", user="user", R=4))
