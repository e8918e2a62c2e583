"""What a session must have."""

import pytest

from housing_spark.session import has_delta


@pytest.mark.parametrize(
    ("extensions", "environ", "expected"),
    [
        ("org.example.Other,io.delta.sql.DeltaSparkSessionExtension", {}, True),
        ("org.example.Other", {}, False),
        (None, {}, False),
        (None, {"DATABRICKS_RUNTIME_VERSION": "18.0"}, True),
    ],
)
def test_delta_is_known_by_its_extension_or_by_the_platform(
    extensions: str | None, environ: dict[str, str], expected: bool
) -> None:
    assert has_delta(extensions, environ) is expected
