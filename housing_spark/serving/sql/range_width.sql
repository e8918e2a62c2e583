-- How wide are the price ranges in each segment?
-- homes: priced homes in the segment
-- median_width: median width of the range, in the label's currency
-- median_relative_width: median width of the range as a share of the prediction
-- wide_relative_width: a tenth of the ranges are wider than this share of the prediction

SELECT
    s.segment_column,
    s.segment,
    count(*) AS homes,
    percentile_approx(p.prediction_upper - p.prediction_lower, 0.5) AS median_width,
    percentile_approx(try_divide(p.prediction_upper - p.prediction_lower, p.prediction), 0.5) AS median_relative_width,
    percentile_approx(try_divide(p.prediction_upper - p.prediction_lower, p.prediction), 0.9) AS wide_relative_width
FROM row_segments AS s
INNER JOIN predictions_latest AS p ON p.row_key = s.row_key
GROUP BY s.segment_column, s.segment
ORDER BY s.segment_column, median_relative_width DESC
