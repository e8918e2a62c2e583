"""Why a raw line is not a row of its format."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from housing_spark.contract import Contract


def corrupt_code_expr(line: Column, contract: Contract) -> Column:
    """The code of a line that could not be split into fields.

    Codes: 107 too few fields, 108 too many or unknown, 109 unbalanced quote, 117 not JSON, 118 not a JSON object,
    119 a field twice.
    """
    return _json_code(line) if contract.source.format == "json" else _csv_code(line, contract)


def _json_code(line: Column) -> Column:
    fields = F.json_object_keys(line)
    return (
        F.when(F.trim(line).startswith("["), "E-ING-118")
        .when(fields.isNull(), "E-ING-117")
        .when(F.size(fields) != F.size(F.array_distinct(fields)), "E-ING-119")
        .when(F.from_json(line, "map<string,string>").isNull(), "E-ING-117")
        .otherwise("E-ING-108")
    )


def _csv_code(line: Column, contract: Contract) -> Column:
    options = contract.source.options
    separator = options.get("sep", options.get("delimiter", ","))
    quotes = F.length(line) - F.length(F.replace(line, F.lit('"'), F.lit("")))
    unquoted = F.regexp_replace(line, r'"([^"]|"")*"', "")
    fields = F.length(unquoted) - F.length(F.replace(unquoted, F.lit(separator), F.lit(""))) + 1
    too_few = F.when(fields < len(contract.columns), "E-ING-107").otherwise("E-ING-108")
    return F.when(quotes % 2 == 1, "E-ING-109").otherwise(too_few)
