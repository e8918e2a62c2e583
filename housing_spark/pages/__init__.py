"""Pages for people: words, tables and pictures on one page that needs no network, in light and dark."""

from housing_spark.pages.page import FILE, put_in_place, write_page
from housing_spark.pages.parts import Answer, FactTable, Page, Picture, Section

__all__ = ["FILE", "Answer", "FactTable", "Page", "Picture", "Section", "put_in_place", "write_page"]
