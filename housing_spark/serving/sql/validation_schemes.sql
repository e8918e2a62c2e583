-- How much worse is a model on later sales, and in places that no training row is near to, than on a random split?
-- scheme: random: rows by hash; time: the newest sales; spatial: whole blocks of the map
-- training_rows: rows that were learned from
-- rows: test rows
-- rmse: root mean squared error on the test rows of the scheme
-- rmse_low: lower end of its bootstrap interval
-- rmse_high: upper end of its bootstrap interval
-- mae: mean absolute error
-- median_ape: half of the test rows are closer to their price than this share of it
-- moran_i: Moran's I of the errors, 0: neighbours' errors have nothing in common; null: homes have no place
-- gap: RMSE over that of the random split, less 1
-- gap_low: lower end of its bootstrap interval
-- gap_high: upper end of its bootstrap interval

WITH newest AS (
    SELECT model_version, max(fitted_at) AS fitted_at
    FROM model_studies
    WHERE study = 'validation'
    GROUP BY model_version
)

SELECT
    s.model_version,
    s.variant AS scheme,
    max(s.training_rows) AS training_rows,
    max(s.rows) AS rows,
    max(s.value) FILTER (WHERE s.metric = 'rmse') AS rmse,
    max(s.low) FILTER (WHERE s.metric = 'rmse') AS rmse_low,
    max(s.high) FILTER (WHERE s.metric = 'rmse') AS rmse_high,
    max(s.value) FILTER (WHERE s.metric = 'mae') AS mae,
    max(s.value) FILTER (WHERE s.metric = 'median_ape') AS median_ape,
    max(s.value) FILTER (WHERE s.metric = 'moran_i') AS moran_i,
    max(s.value) FILTER (WHERE s.metric = 'gap') AS gap,
    max(s.low) FILTER (WHERE s.metric = 'gap') AS gap_low,
    max(s.high) FILTER (WHERE s.metric = 'gap') AS gap_high
FROM model_studies AS s
INNER JOIN newest AS n ON n.model_version = s.model_version AND n.fitted_at = s.fitted_at
WHERE s.study = 'validation'
GROUP BY s.model_version, s.variant, s.position
ORDER BY s.model_version, s.position
