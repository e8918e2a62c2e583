"""Where rows come from: files in four formats, samples from packages, and the synthetic market.

``list_input`` refuses what cannot be taken whole, ``new_batch`` says what is new, ``read_rows`` gives text.
"""

from housing_spark.sources.batch import damage_refused, new_batch, replaced_files, state_of
from housing_spark.sources.dirt import DIRT
from housing_spark.sources.files import InputFile, list_input
from housing_spark.sources.leaks import LEAKS, with_leak
from housing_spark.sources.market import market_sales
from housing_spark.sources.planted import FORMATS, Planted, kinds_of, planted_market
from housing_spark.sources.rows import read_rows
from housing_spark.sources.samples import provide_input

__all__ = [
    "DIRT", "FORMATS", "LEAKS", "InputFile", "Planted", "damage_refused", "kinds_of", "list_input", "market_sales",
    "new_batch", "planted_market", "provide_input", "read_rows", "replaced_files", "state_of", "with_leak",
]  # fmt: skip
