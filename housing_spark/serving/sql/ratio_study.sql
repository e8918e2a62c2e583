-- Are prices level and uniform as assessors ask, over all test rows and in each segment and tenth of the prices?
-- rows: test rows
-- median_ratio: median of predicted over true price; accepted 0.90 to 1.10 (IAAO, Standard on Ratio Studies, 2013)
-- cod: coefficient of dispersion, per cent; accepted up to 15 for homes
-- prd: price-related differential; accepted 0.98 to 1.03
-- prb: coefficient of price-related bias; accepted -0.05 to 0.05
-- is_met: whether all four are within what the standard accepts

WITH figures AS (
    SELECT
        m.model_version,
        m.segment_column,
        m.segment,
        max(m.rows) AS rows,
        max(m.value) FILTER (WHERE m.metric = 'median_ratio') AS median_ratio,
        max(m.value) FILTER (WHERE m.metric = 'cod') AS cod,
        max(m.value) FILTER (WHERE m.metric = 'prd') AS prd,
        max(m.value) FILTER (WHERE m.metric = 'prb') AS prb
    FROM model_metrics AS m
    INNER JOIN champion AS c ON c.model_version = m.model_version
    WHERE m.split = 'test'
    GROUP BY m.model_version, m.segment_column, m.segment
)

SELECT
    *,
    median_ratio BETWEEN 0.90 AND 1.10 AND cod <= 15 AND prd BETWEEN 0.98 AND 1.03 AND abs(prb) <= 0.05 AS is_met
FROM figures
ORDER BY segment_column, segment
