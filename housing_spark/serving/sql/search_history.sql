-- How did each search get better, trial by trial?
-- trial: number of the trial in the search, in order of its end, from 1
-- best_so_far: lowest loss up to this trial
-- rank_in_study: 1 for the winner
-- model_version: version that the search made; null: it is not registered

WITH made AS (
    SELECT DISTINCT identity AS study, CAST(get_json_object(details, '$.version') AS INT) AS model_version
    FROM job_runs
    WHERE job = 'train' AND status = 'done'
)

SELECT
    t.study,
    made.model_version,
    row_number() OVER in_order AS trial,
    t.estimator,
    t.loss,
    min(t.loss) OVER in_order AS best_so_far,
    row_number() OVER (PARTITION BY t.study ORDER BY t.loss NULLS LAST, t.estimator, t.number) AS rank_in_study,
    t.trees,
    t.seconds,
    t.status,
    t.error,
    t.parameters,
    t.finished_at
FROM trials AS t
LEFT JOIN made ON made.study = t.study
WINDOW in_order AS (PARTITION BY t.study ORDER BY t.finished_at, t.estimator, t.number)
ORDER BY t.finished_at, t.estimator, t.number
