-- Which homes cost less than the lower end of their range?
-- discount: how far the price lies below the prediction, as a share of the prediction

-- Only homes that the model did not learn from: it has seen the price of the others.
SELECT *, try_divide(prediction - price, prediction) AS discount
FROM prediction_errors
WHERE price < prediction_lower AND (split = 'test' OR split IS NULL)
ORDER BY discount DESC, row_key
