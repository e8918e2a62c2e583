"""One of two drivers that append to a table: ``python appending.py NAME APPENDS ROWS``; prints their keys."""

import json
import os
import sys
import time

from place import WAREHOUSE
from pyspark.sql.types import StringType

from housing_spark.errors import TableBusyError
from housing_spark.schemas import Field, Table
from housing_spark.session import start_session
from housing_spark.settings import load_settings
from housing_spark.tables import Warehouse, hold
from housing_spark.tables.write import Target, append

_TABLE = Table("appended", "Rows of two drivers", (Field("key", StringType(), "names a row"),))


def main(name: str, appends: int, rows: int) -> list[str]:
    """Append so many times, each time waiting for the lock."""
    spark = start_session("append", load_settings("local", [], os.environ).spark_conf, WAREHOUSE / f"{name}.log")
    warehouse = Warehouse(spark, str(WAREHOUSE), "market")
    acknowledged: list[str] = []
    while len(acknowledged) < appends * rows:
        number = len(acknowledged) // rows
        keys = [f"{name}-{number}-{row}" for row in range(rows)]
        try:
            with hold(warehouse.local_folder, name):
                append(
                    _TABLE.frame(spark, [{"key": key} for key in keys]), Target(_TABLE, warehouse, f"{name}-{number}")
                )
        except TableBusyError:
            time.sleep(0.01)
        else:
            acknowledged += keys
    return acknowledged


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
