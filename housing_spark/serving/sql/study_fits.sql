-- How did each fit of the newest studies of a model do?
-- training_rows: rows that were learned from
-- rows: test rows
-- rmse: root mean squared error on them
-- rmse_low: lower end of its bootstrap interval
-- rmse_high: upper end of its bootstrap interval
-- mae: mean absolute error
-- median_ape: half of the test rows are closer to their price than this share of it
-- moran_i: Moran's I of the errors, 0: neighbours' errors have nothing in common; null: homes have no place
-- compared: how its RMSE compares with that of the study's whole or random fit, as a share; null: that fit
-- compared_low: lower end of its bootstrap interval
-- compared_high: upper end of its bootstrap interval

WITH newest AS (
    SELECT model_version, study, max(fitted_at) AS fitted_at
    FROM model_studies
    GROUP BY model_version, study
)

SELECT
    s.model_version,
    s.study,
    s.variant,
    s.position,
    max(s.training_rows) AS training_rows,
    max(s.rows) AS rows,
    max(s.value) FILTER (WHERE s.metric = 'rmse') AS rmse,
    max(s.low) FILTER (WHERE s.metric = 'rmse') AS rmse_low,
    max(s.high) FILTER (WHERE s.metric = 'rmse') AS rmse_high,
    max(s.value) FILTER (WHERE s.metric = 'mae') AS mae,
    max(s.value) FILTER (WHERE s.metric = 'median_ape') AS median_ape,
    max(s.value) FILTER (WHERE s.metric = 'moran_i') AS moran_i,
    max(s.value) FILTER (WHERE s.metric IN ('gap', 'gain')) AS compared,
    max(s.low) FILTER (WHERE s.metric IN ('gap', 'gain')) AS compared_low,
    max(s.high) FILTER (WHERE s.metric IN ('gap', 'gain')) AS compared_high
FROM model_studies AS s
INNER JOIN newest AS n ON n.model_version = s.model_version AND n.study = s.study AND n.fitted_at = s.fitted_at
GROUP BY s.model_version, s.study, s.variant, s.position
ORDER BY s.model_version, s.study, s.position
