-- How far off is the champion on test rows of each segment?
-- rows: test rows in the segment
-- rmse: root mean squared error, in the label's currency
-- mae: mean absolute error, in the label's currency
-- median_ape: median absolute error, as a share of the price
-- within_10_percent: share of predictions within 10 % of the price
-- coverage: share of prices inside the range
-- rmse_over_all: RMSE of the segment over that of all test rows

WITH figures AS (
    SELECT
        m.model_version,
        m.segment_column,
        m.segment,
        max(m.rows) AS rows,
        max(m.value) FILTER (WHERE m.metric = 'rmse') AS rmse,
        max(m.value) FILTER (WHERE m.metric = 'mae') AS mae,
        max(m.value) FILTER (WHERE m.metric = 'median_ape') AS median_ape,
        max(m.value) FILTER (WHERE m.metric = 'within_10_percent') AS within_10_percent,
        max(m.value) FILTER (WHERE m.metric = 'coverage') AS coverage
    FROM model_metrics AS m
    INNER JOIN champion AS c ON c.model_version = m.model_version
    WHERE m.split = 'test' AND m.segment_column NOT IN ('price_decile', 'time_quarter')
    GROUP BY m.model_version, m.segment_column, m.segment
)

SELECT
    *,
    rmse / max(if(segment_column = 'all', rmse, NULL)) OVER (PARTITION BY model_version) AS rmse_over_all
FROM figures
ORDER BY segment_column, rmse DESC
