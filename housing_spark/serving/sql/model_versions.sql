-- Which versions of the model are there, where do they come from and how good are they on test rows?
-- model_version: registered version of the model
-- study: the search that made it
-- trained_at: when the search ended, UTC
-- trials: trials of the search
-- estimator: estimator that won the search
-- parameters: parameters of the winning trial, JSON
-- validation_loss: RMSE of the winning trial on validation rows without the largest errors, in the label's currency
-- test_rmse: RMSE on test rows, in the label's currency; null: not evaluated
-- test_rmse_ols: RMSE of least squares on the same rows
-- test_median_ape: median absolute error on test rows, as a share of the price
-- test_coverage: share of test prices inside the range
-- is_champion: whether it is champion now

WITH made AS (
    SELECT
        identity AS study,
        CAST(get_json_object(details, '$.version') AS INT) AS model_version,
        min(ended_at) AS trained_at
    FROM job_runs
    WHERE job = 'train' AND status = 'done'
    GROUP BY ALL
),

searches AS (
    SELECT
        study,
        count(*) AS trials,
        min_by(struct(estimator, parameters, loss), struct(loss, estimator, number))
            FILTER (WHERE status = 'ok') AS winner
    FROM trials
    GROUP BY study
),

figures AS (
    SELECT
        model_version,
        max(value) FILTER (WHERE metric = 'rmse') AS test_rmse,
        max(value) FILTER (WHERE metric = 'rmse_ols') AS test_rmse_ols,
        max(value) FILTER (WHERE metric = 'median_ape') AS test_median_ape,
        max(value) FILTER (WHERE metric = 'coverage') AS test_coverage
    FROM model_metrics
    WHERE split = 'test' AND segment_column = 'all'
    GROUP BY model_version
)

SELECT
    made.model_version,
    made.study,
    made.trained_at,
    searches.trials,
    searches.winner.estimator,
    searches.winner.parameters,
    searches.winner.loss AS validation_loss,
    figures.test_rmse,
    figures.test_rmse_ols,
    figures.test_median_ape,
    figures.test_coverage,
    champion.model_version IS NOT NULL AS is_champion
FROM made
LEFT JOIN searches ON searches.study = made.study
LEFT JOIN figures ON figures.model_version = made.model_version
LEFT JOIN champion ON champion.model_version = made.model_version
ORDER BY made.model_version
