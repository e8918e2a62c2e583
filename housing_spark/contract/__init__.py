"""The dataset contract: one YAML file says what a table of sales looks like and what may be learned from it."""

from housing_spark.contract.load import contract_hash, load_contract
from housing_spark.contract.model import Column, Contract, Location

__all__ = ["Column", "Contract", "Location", "contract_hash", "load_contract"]
