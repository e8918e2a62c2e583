-- Does the range hold for cheap and for dear homes?
-- price_band: tenth of the test rows by price, 1 the cheapest
-- rows: test rows in the band
-- lowest_price: lowest price of the band
-- highest_price: highest price of the band
-- coverage: share of prices inside the range
-- share_below_range: share of prices below the range
-- share_above_range: share of prices above the range
-- median_relative_error: median of the relative error; above 0 the model asks too much

WITH bounds AS (
    SELECT percentile_approx(price, array(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)) AS cuts
    FROM prediction_errors
    WHERE split = 'test'
)

SELECT
    1 + size(filter(b.cuts, cut -> cut < e.price)) AS price_band,
    count(*) AS rows,
    min(e.price) AS lowest_price,
    max(e.price) AS highest_price,
    avg(CAST(e.is_inside_range AS INT)) AS coverage,
    avg(CAST(e.price < e.prediction_lower AS INT)) AS share_below_range,
    avg(CAST(e.price > e.prediction_upper AS INT)) AS share_above_range,
    percentile_approx(e.relative_error, 0.5) AS median_relative_error
FROM prediction_errors AS e
CROSS JOIN bounds AS b
WHERE e.split = 'test'
GROUP BY price_band
ORDER BY price_band
