-- How far is each newest price from the price that was paid?
-- price: price that was paid
-- error: prediction less price, in the label's currency
-- relative_error: error as a share of the price; null where the price is 0
-- is_inside_range: whether the price lies in the predicted range

-- The same content: a home that changed since it was priced is left out until it is priced again.
SELECT
    p.*,
    f.event_time,
    f.label AS price,
    p.prediction - f.label AS error,
    try_divide(p.prediction - f.label, abs(f.label)) AS relative_error,
    f.label BETWEEN p.prediction_lower AND p.prediction_upper AS is_inside_range
FROM predictions_latest AS p
INNER JOIN features AS f ON f.row_key = p.row_key AND f.content_hash = p.content_hash
WHERE f.label IS NOT NULL
