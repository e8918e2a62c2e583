-- Which 100 test rows does the model miss by the largest share of their price?

SELECT *
FROM prediction_errors
WHERE split = 'test'
ORDER BY abs(relative_error) DESC, row_key
LIMIT 100
