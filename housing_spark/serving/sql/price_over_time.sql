-- How do prices move from month to month, as paid and as predicted?
-- month: first day of the month of the sale; null where the contract has no event_time
-- sales: sales whose price is known
-- median_price: median of the prices that were paid
-- median_prediction: median of the newest predictions of the same homes
-- median_relative_error: median of the relative error; above 0 the model asks too much

SELECT
    CAST(date_trunc('MONTH', event_time) AS DATE) AS month,
    count(*) AS sales,
    percentile_approx(price, 0.5) AS median_price,
    percentile_approx(prediction, 0.5) AS median_prediction,
    percentile_approx(relative_error, 0.5) AS median_relative_error
FROM prediction_errors
GROUP BY month
ORDER BY month
