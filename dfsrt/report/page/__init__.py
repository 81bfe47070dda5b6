"""The HTML report: one page that needs nothing but a browser."""

from dfsrt.report.page.page import Figure, Page, Section, Table, Tile, check_page_path, write_page

__all__ = ["Figure", "Page", "Section", "Table", "Tile", "check_page_path", "write_page"]
