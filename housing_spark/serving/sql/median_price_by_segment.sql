-- What does a home cost in each segment, as paid and as predicted?
-- homes: homes in the segment
-- homes_with_price: homes whose price is known
-- median_price: median of the prices that were paid
-- median_prediction: median of the newest predictions

SELECT
    s.segment_column,
    s.segment,
    count(*) AS homes,
    count(f.label) AS homes_with_price,
    percentile_approx(f.label, 0.5) AS median_price,
    percentile_approx(p.prediction, 0.5) AS median_prediction
FROM row_segments AS s
INNER JOIN features AS f ON f.row_key = s.row_key
LEFT JOIN predictions_latest AS p ON p.row_key = s.row_key
GROUP BY s.segment_column, s.segment
ORDER BY s.segment_column, median_price DESC
