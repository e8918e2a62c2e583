-- How much does the error of a model fall with more training rows, and would more of them help?
-- share: share of the training rows that were learned from; each sample lies within the next
-- training_rows: rows that were learned from
-- rows: test rows
-- rmse: root mean squared error on the same test rows
-- rmse_low: lower end of its bootstrap interval
-- rmse_high: upper end of its bootstrap interval
-- mae: mean absolute error
-- median_ape: half of the test rows are closer to their price than this share of it
-- moran_i: Moran's I of the errors, 0: neighbours' errors have nothing in common; null: homes have no place
-- gain: what all training rows take off this RMSE, as a share of it; null: all of them
-- gain_low: lower end of its paired bootstrap interval
-- gain_high: upper end of its paired bootstrap interval

WITH newest AS (
    SELECT model_version, max(fitted_at) AS fitted_at
    FROM model_studies
    WHERE study = 'learning_curve'
    GROUP BY model_version
)

SELECT
    s.model_version,
    CAST(s.variant AS DOUBLE) AS share,
    max(s.training_rows) AS training_rows,
    max(s.rows) AS rows,
    max(s.value) FILTER (WHERE s.metric = 'rmse') AS rmse,
    max(s.low) FILTER (WHERE s.metric = 'rmse') AS rmse_low,
    max(s.high) FILTER (WHERE s.metric = 'rmse') AS rmse_high,
    max(s.value) FILTER (WHERE s.metric = 'mae') AS mae,
    max(s.value) FILTER (WHERE s.metric = 'median_ape') AS median_ape,
    max(s.value) FILTER (WHERE s.metric = 'moran_i') AS moran_i,
    max(s.value) FILTER (WHERE s.metric = 'gain') AS gain,
    max(s.low) FILTER (WHERE s.metric = 'gain') AS gain_low,
    max(s.high) FILTER (WHERE s.metric = 'gain') AS gain_high
FROM model_studies AS s
INNER JOIN newest AS n ON n.model_version = s.model_version AND n.fitted_at = s.fitted_at
WHERE s.study = 'learning_curve'
GROUP BY s.model_version, s.variant, s.position
ORDER BY s.model_version, s.position
