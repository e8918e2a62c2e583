"""The earth."""

EARTH_KM = 6_371.0088  # mean radius, IUGG 1980
