"""A small table of homes that inputs are made for: good rows and its contract."""

COLUMNS = {
    "id": {"type": "bigint", "required": True},
    "price": {"type": "double", "required": True, "min": 1},
    "beds": {"type": "int", "min": 0, "max": 100},
    "zip": {"type": "string"},
}
CONTRACT = {
    "dataset": "homes",
    "columns": COLUMNS,
    "key": ["id"],
    "label": "price",
    "features": {"numeric": ["beds"], "categorical": ["zip"]},
}
GOOD = ["1,100,2,02134", "2,200,3,02135", "3,300,4,02136"]
HEADER = "id,price,beds,zip"


def csv_bytes(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()
